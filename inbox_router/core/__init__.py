"""The pure heart: no I/O, no clock, no randomness, no settings. It is handed everything and returns values."""
