"""Alerts: what of the log people are told by notification, when, in which words; and sending it by Apprise.

Must not know what the daemon does: it hears the log. Nothing here holds up or ends a worker.
"""
