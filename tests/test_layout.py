"""The shape of the program, read from its source: which way imports point, where SQL is, what README.md promises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "inbox_router"

MATCHERS = {"ahocorasick_rs", "re2", "resiliparse", "jinja2"}
"""What the core may import besides itself and the standard library: all of it computes, none of it does I/O."""

IMPURE = {
    "socket",
    "ssl",
    "subprocess",
    "threading",
    "asyncio",
    "random",
    "secrets",
    "time",
    "os",
    "shutil",
    "tempfile",
}
MAIL_EDGES = ("inbox_router.edges.imap", "inbox_router.edges.smtp")


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def _type_checking_only(tree: ast.Module) -> set[ast.AST]:
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }


@cache
def _imports(module: str) -> frozenset[str]:
    """Every module that a module imports when it runs, its own or others', wherever in it the import stands."""
    found: set[str] = set()
    skipped = _type_checking_only(_tree(module))
    for node in ast.walk(_tree(module)):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute here"
            base = node.module or ""
            found.update(f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base for a in node.names)
    return frozenset(found)


def _reached(module: str) -> set[str]:
    """Every module of ours that importing this one brings in, itself included."""
    reached: set[str] = set()
    pending = [module]
    while pending:
        current = pending.pop()
        if current in reached or current not in MODULES:
            continue
        reached.add(current)
        pending.extend(_imports(current))
    return reached


def _modules_in(*prefixes: str) -> list[str]:
    return [name for name in MODULES if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)]


def _violations(modules: list[str], forbidden: tuple[str, ...]) -> Iterator[str]:
    for module in modules:
        for imported in _imports(module):
            if any(imported == name or imported.startswith(f"{name}.") for name in forbidden):
                yield f"{module} imports {imported}"


def test_the_core_imports_nothing_of_ours_but_the_core() -> None:
    for module in _modules_in("inbox_router.core"):
        ours = {name for name in _imports(module) if name.startswith("inbox_router")}
        assert all(name.startswith("inbox_router.core") for name in ours), f"{module} imports {sorted(ours)}"


def test_the_core_does_no_input_or_output() -> None:
    for module in _modules_in("inbox_router.core"):
        tops = {name.partition(".")[0] for name in _imports(module)}
        assert not tops & IMPURE, f"{module} imports {sorted(tops & IMPURE)}"


def test_the_core_uses_no_library_but_the_matchers() -> None:
    import sys

    for module in _modules_in("inbox_router.core"):
        tops = {name.partition(".")[0] for name in _imports(module)} - {"inbox_router"}
        assert tops <= MATCHERS | sys.stdlib_module_names, f"{module} imports {sorted(tops)}"


@pytest.mark.parametrize("family", ["imap", "smtp", "journal", "attachments"])
def test_the_edges_do_not_import_each_other(family: str) -> None:
    others = {"imap", "smtp", "journal", "attachments"} - {family}
    modules = [name for name in _modules_in("inbox_router.edges") if name.startswith(f"inbox_router.edges.{family}")]
    for module in modules:
        for imported in _imports(module):
            assert not any(imported.startswith(f"inbox_router.edges.{other}") for other in others), (module, imported)


def test_edges_and_files_know_nothing_of_those_above_them() -> None:
    above = tuple(
        f"inbox_router.{name}" for name in ("service", "cli", "commands", "workbench", "triage", "demo", "console")
    )
    assert list(_violations(_modules_in("inbox_router.edges", "inbox_router.files"), above)) == []


def test_nothing_of_the_service_knows_of_the_demo() -> None:
    modules = [name for name in MODULES if not name.startswith(("inbox_router.demo", "inbox_router.commands.demo"))]
    assert list(_violations(modules, ("inbox_router.demo",))) == []


@pytest.mark.parametrize(
    "module", _modules_in("inbox_router.workbench", "inbox_router.console") or ["inbox_router.triage"]
)
def test_what_tries_out_rules_cannot_reach_a_mail_server(module: str) -> None:
    reached = _reached(module)
    assert not [name for name in reached if name.startswith(MAIL_EDGES)]


def test_sql_is_written_in_the_journal_only() -> None:
    for module in MODULES:
        if module.startswith(("inbox_router.edges.journal", "inbox_router.edges.migrations")):
            continue
        tops = {name.partition(".")[0] for name in _imports(module)}
        assert not tops & {"sqlalchemy", "sqlite3", "pysqlite3", "alembic"}, module


def test_imap_and_smtp_libraries_are_used_at_their_edges_only() -> None:
    for module in MODULES:
        tops = {name.partition(".")[0] for name in _imports(module)}
        if "imapclient" in tops or "imaplib" in tops:
            assert module.startswith(("inbox_router.edges.imap", "inbox_router.demo.")), module
        if "aiosmtplib" in tops or "smtplib" in tops:
            assert module.startswith("inbox_router.edges.smtp"), module


def test_every_function_fits_a_screen() -> None:
    for module in MODULES:
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= 70, f"{module}.{node.name} has {lines} lines"


README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands() -> set[str]:
    import click

    from inbox_router.cli import commands

    context = click.Context(commands)
    names: set[str] = set()
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        names.add(name)
        if isinstance(command, click.Group):
            names.update(f"{name} {inner}" for inner in command.commands)
    return names


def test_every_command_in_the_readme_exists() -> None:
    known = _commands()
    for words in re.findall(r"inbox-router ([a-z]+(?: [a-z]+)?)", README):
        first = words.partition(" ")[0]
        assert words in known or first in known, f"README.md speaks of `inbox-router {words}`"


def test_every_command_is_in_the_readme() -> None:
    for name in _commands():
        if name in {"audit", "held", "rules"}:
            continue
        assert f"inbox-router {name}" in README, f"README.md does not mention `inbox-router {name}`"


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for target in re.findall(r"make ([a-z-]+)", README):
        assert target in targets, f"README.md speaks of `make {target}`"


def test_every_path_in_the_readme_exists() -> None:
    for path in re.findall(r"`((?:rules|templates|inbox_router|tests|bench)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), f"README.md speaks of `{path}`"


def test_every_setting_in_the_readme_is_in_the_example_configuration() -> None:
    table = README.partition("## Configuration")[2].partition("\n## ")[0]
    example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    for setting in re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE):
        for key in setting.split("."):
            assert re.search(rf"^\s*(?:# )?{re.escape(key)}:", example, re.MULTILINE), (
                f"no {setting} in config.example.yaml"
            )
