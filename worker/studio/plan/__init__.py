"""The memory plan: what fits on the card, where each part is for a try, which requests make a batch.

Pure decisions over plain values. Must not know torch or the card itself.
"""
