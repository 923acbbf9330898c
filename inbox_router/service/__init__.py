"""The service: four small loops that share only the journal, started and stopped together."""
