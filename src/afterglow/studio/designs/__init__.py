"""What a page can ask for, and the choices it offers."""
