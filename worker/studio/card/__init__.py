"""The GPU: which one, its precision, where weights are placed, copies to and from it, out of memory.

Must not know requests, models' files or retries.
"""
