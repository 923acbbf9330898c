"""Real servers, started by the tests that need them, and scripted ones for what a real one will not do on demand."""
