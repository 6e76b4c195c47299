"""The ``trial`` section of a protocol file: what is estimated, what may come between, which analyses, how large."""
