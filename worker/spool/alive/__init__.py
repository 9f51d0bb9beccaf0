"""Who is alive: locks on this machine, heartbeats and leases between machines.

Knows which workers live. Must not know jobs and claims.
"""
