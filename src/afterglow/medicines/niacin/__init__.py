"""Niacin, a comparator that is felt."""
