"""From requests to results: batches, attempts, the ladders climbed.

Must not know processes, pipes or files of pictures.
"""
