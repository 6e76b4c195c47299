"""The page Follow: one person's own scores, and what they make likely. Nothing that is sent is kept."""
