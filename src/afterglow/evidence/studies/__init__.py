"""Studies: their schema, the one reader of their files, and their arms as a protocol."""
