"""The daemon: its loop, one job's run, the queue, waiting and retrying on a share.

Must not know any room: what it needs of them comes as ports.
"""
