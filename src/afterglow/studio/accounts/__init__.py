"""Who may use the studio: names, passwords, logins, sessions and roles."""
