"""A mail system in one process, with sample mail, to show the real service at work."""
