"""Racemic ketamine."""
