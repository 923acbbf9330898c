"""Triage and routing of a police force's intelligence inbox, with proof of what became of every message."""

__version__ = "0.1.0"
