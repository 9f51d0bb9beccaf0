"""The service: the worker's units in systemd, written, checked, started and removed.

Knows systemd. Must not know jobs, models or what a worker does; what only compose knows comes in as values.
"""
