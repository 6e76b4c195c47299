"""Sentences and words of a protocol: quantities, phrases, steps, and where each step stands."""
