"""The three stages of a picture, with the real model's parts: encode, denoise, decode; loading and compiling them.

Must not know jobs, ladders or verdicts' consequences.
"""
