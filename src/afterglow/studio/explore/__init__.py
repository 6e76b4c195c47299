"""Explore: a design's course, how sure it is, and its story."""
