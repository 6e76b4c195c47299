"""Screening facts with their sources, and the warnings a protocol calls up."""
