"""From requests to results: batches, tries, the ladders climbed.

Must not know the process it runs in, nor files of pictures.
"""
