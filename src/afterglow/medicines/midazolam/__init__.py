"""Midazolam, a comparator that is felt."""
