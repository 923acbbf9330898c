"""The pages that the program makes, as templates."""
