"""Retry: what failed, what a picture is judged to be, and what to try next.

Pure decisions over plain values. Must not know torch, or what carries a rung out.
"""
