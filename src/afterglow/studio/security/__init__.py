"""Who may do what: accounts, sessions, lock-out, origin checks, headers and limits."""
