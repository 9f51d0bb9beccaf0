"""What a file or folder is that somebody gave as a model.

Knows the files as people have them; must not know torch, and never trusts a name before the bytes.
"""
