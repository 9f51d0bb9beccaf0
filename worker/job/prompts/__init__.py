"""The prompt doctor: what a model will not read as the author meant it.

Knows other tools' syntax, templates, quotes, lengths and sizes; changes no prompt, but for composed ones that are too
long, and says so.
"""
