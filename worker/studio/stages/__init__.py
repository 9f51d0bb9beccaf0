"""The three stages of a picture, with the real model's parts: encode, denoise, decode; loading and compiling them.

Must not know how a batch is tried again, nor processes.
"""
