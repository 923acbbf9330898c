"""`inbox-router rules ...`: for the officers who write the rules. One module a command."""

from __future__ import annotations

import click

from inbox_router.commands.options import config_option
from inbox_router.commands.rules_check import check
from inbox_router.commands.rules_explain import explain
from inbox_router.commands.rules_schema import schema
from inbox_router.commands.rules_test import test
from inbox_router.commands.rules_versions import versions


@click.group()
@config_option
def rules() -> None:
    """Check the rules, test them by their examples, and explain what they decide."""


for command in (check, test, explain, schema, versions):
    rules.add_command(command)
