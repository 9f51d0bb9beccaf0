"""`doctor`: what decides about a night, a check each.

A check is a file of `checks/`. Must not import torch: a short-lived child is asked about the card.
"""
