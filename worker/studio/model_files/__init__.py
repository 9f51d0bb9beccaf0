"""A model folder as files: which there are, what is wrong with them, which model it is, a bf16 copy.

Must not know torch: `check`, `plan` and `doctor` come here without it.
"""
