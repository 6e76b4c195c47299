"""The bank that simulated trials are drawn from: everybody's life in every arm, at every draw, solved once."""
