"""The compiled solver: what it carries, one step of it, what happens between steps, and the loop over them."""
