"""Operating characteristics: how often each design says what, what it costs, and how large it must be."""
