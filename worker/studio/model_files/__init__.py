"""A model folder as files: which there are, what is wrong with them, which model it is.

Must not know torch: `check`, `plan` and `doctor` come here without it.
"""
