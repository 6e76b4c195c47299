"""The equations, written once as symbols, layer by layer."""
