"""Psilocybin, measured as psilocin."""
