"""``afterglow forecast``: a file a command, each thin."""
