"""The store: from whatever weights people have to one folder in bf16, with a record of what it is.

Must not know torch; numbers become bf16 here a piece at a time.
"""
