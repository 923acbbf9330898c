"""What people type: one module for each group of subcommands. They read values and print them; nothing is decided."""
