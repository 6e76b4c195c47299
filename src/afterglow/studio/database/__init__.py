"""What the studio keeps: users, their sessions, saved designs and jobs, in SQLite or PostgreSQL."""
