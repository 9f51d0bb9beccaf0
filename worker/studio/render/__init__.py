"""From requests to results: batches, tries, the ladders climbed.

Must not know processes, pipes or files of pictures.
"""
