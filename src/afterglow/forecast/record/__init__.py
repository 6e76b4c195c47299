"""What is known of one person: scores, when they were rated, and what was given."""
