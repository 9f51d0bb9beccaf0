"""Measuring on a model that is loaded: the ways by turns, the card's kernels, its roofline, random weights."""
