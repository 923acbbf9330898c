"""`python -m inbox_router` is `inbox-router`."""

from inbox_router.cli import main

main()
