"""Latent severity seen through a scale: the error of a rating, selection at baseline, and dropout."""
