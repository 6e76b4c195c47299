"""Escitalopram, read but not modelled."""
