"""The memory plan: what fits on the card, how a try is set up, which requests make a batch.

Pure decisions over plain values; what files weigh comes in as values of `model_files`. Must not know torch or the card
itself.
"""
