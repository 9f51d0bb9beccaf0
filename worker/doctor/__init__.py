"""`doctor`: what decides about a night, a check each.

Must not import torch: a short-lived child is asked about the card.
"""
