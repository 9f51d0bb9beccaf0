"""Files on a disk or a share: durable writes, reading without following links, kinds of file systems.

One copy of each, used by every room that touches a file. Must not know jobs, claims or models.
"""
