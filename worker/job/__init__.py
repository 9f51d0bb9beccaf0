"""The job language: from a dropped file or folder to the pictures it asks for.

Knows what an author may write and what it means. Must not know watched folders, GPUs or clocks.
"""
