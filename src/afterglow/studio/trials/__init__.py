"""Design: how large a trial of two arms must be."""
