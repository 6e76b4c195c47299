"""Esketamine."""
