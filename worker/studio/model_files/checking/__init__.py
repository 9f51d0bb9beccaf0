"""Checking a model's files: what their bytes should be by what a download kept, and whether they look like weights.

Must not know torch, nor which files make a model: it is given files.
"""
