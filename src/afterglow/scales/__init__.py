"""Clinical scales: ranges, cut-offs, errors of measurement, and links to the latent severity."""
