"""What commands print: tables for a screen of any width and for other programs, sentences, small curves."""
