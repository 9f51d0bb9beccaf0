"""The memory plan: what fits on the card, how a try is set up, which requests make a batch.

Pure decisions over plain values. Must not know torch or the card itself.
"""
