"""Placebo."""
