"""The server of the studio: settings, application, guards and errors."""
