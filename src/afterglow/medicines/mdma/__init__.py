"""MDMA."""
