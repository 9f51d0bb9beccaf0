"""Rendering: requests to results, by batches, their tries and the ladders.

Must not know the process it runs in, nor files of pictures.
"""
