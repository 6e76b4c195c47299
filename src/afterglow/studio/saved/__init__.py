"""Saved designs and plans."""
