"""The web app: calls the same functions as the command line, and holds no equation."""
