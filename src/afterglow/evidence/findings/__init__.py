"""Findings: the published numbers that the model can be asked for, and why the others cannot be used."""
