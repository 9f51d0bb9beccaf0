"""Image files and what is written about them.

Knows file formats, metadata and pages. Must not know how pictures are made, and touches no disk.
"""
