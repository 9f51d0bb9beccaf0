"""Slips: right jobs, and what people get wrong in them."""
