"""`rules schema`, and what the YAML language server, which editors run, makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rule_office import RuleOffice
from servers.yaml_language_server import WHAT_IS_MISSING, YamlLanguageServer, install
from whole_service import ROOT

from inbox_router.files import blocks, entities, examples, outcomes, rule_text
from inbox_router.files.config import load
from inbox_router.files.schema import FILE, modeline
from inbox_router.workbench import schema_of

RECALL = "recall/prison-recall.yaml"
SHIPPED = ROOT / "rules"


@pytest.fixture
def office(tmp_path: Path) -> RuleOffice:
    """Its files name the schema in their first line, and the schema is written."""
    made = RuleOffice(tmp_path)
    for path in made.rules.rglob("*.yaml"):
        name = path.relative_to(made.rules).as_posix()
        made.write(name, f"{modeline(name)}\n{made.read(name)}")
    assert made.run("schema").exit_code == 0
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[YamlLanguageServer]:
    if WHAT_IS_MISSING:
        pytest.skip(WHAT_IS_MISSING)
    install()
    running = YamlLanguageServer(ROOT)
    yield running
    running.close()


class Editor:
    """A file of the office as somebody is typing it."""

    def __init__(self, server: YamlLanguageServer, office: RuleOffice, path: str, text: str) -> None:
        self._server, self._path = server, office.rules / path
        self._lines = text.split("\n")
        self.underlined = server.open(self._path, text)

    def offered(self, before: str) -> set[str]:
        """What is offered behind these words."""
        return self._server.completions(self._path, *self._behind(before))

    def offered_below(self, line: str) -> set[str]:
        """What is offered at the end of the next line."""
        number = self._lines.index(line) + 1
        return self._server.completions(self._path, number + 1, len(self._lines[number]) + 1)

    def explained(self, word: str) -> str:
        line, column = self._behind(word)
        return self._server.hover(self._path, line, column - 1)

    def _behind(self, words: str) -> tuple[int, int]:
        number = next(number for number, line in enumerate(self._lines) if words in line)
        return number + 1, self._lines[number].index(words) + len(words) + 1


def test_the_schema_that_is_shipped_has_the_names_that_are_shipped() -> None:
    shipped = (SHIPPED / FILE).read_text(encoding="utf-8")
    assert shipped == schema_of(load(ROOT / "config.example.yaml")), "run: inbox-router rules schema"


def test_every_shipped_file_names_its_schema_in_its_first_line() -> None:
    for path in SHIPPED.rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert first == modeline(path.relative_to(SHIPPED).as_posix()), path


def test_every_key_that_the_check_knows_is_explained_and_no_other() -> None:
    definitions = json.loads((SHIPPED / FILE).read_text(encoding="utf-8"))["definitions"]
    tables = {
        "rule": rule_text._KEYS,
        "type": rule_text._TYPE_KEYS,
        "then": outcomes._KEYS,
        "test": blocks._WORDS,
        "example": examples._KEYS,
    }
    for name, keys in tables.items():
        assert set(definitions[name]["properties"]) == set(keys), name
    (_, expected) = definitions["example"]["properties"]["expect"]["anyOf"]
    assert set(expected["properties"]) == set(examples._EXPECT_KEYS)
    entity = definitions["entities"]["properties"]["entities"]["additionalProperties"]
    assert set(entity["properties"]) == set(entities._KEYS)


def test_the_schema_can_be_had_while_a_rule_is_half_written(office: RuleOffice) -> None:
    office.write("recall/begun.yaml", "format: 1\nrule:")
    result = office.run("schema", "--output", "-")
    assert result.exit_code == 0
    assert '"begun"' in result.output


def test_a_schema_that_is_out_of_date_is_told(office: RuleOffice) -> None:
    assert office.run("schema", "--check").exit_code == 0
    office.change("lists.yaml", "  own address:", "  more words: [set aside]\n  own address:")
    office.change(RECALL, "- says: [<recall words>]", "- says: [<recall words>, <more words>]")
    assert office.run("schema", "--check").exit_code == 1
    assert "editors go by this schema, and names have changed" in office.run("check").output
    assert office.run("schema").exit_code == 0
    assert office.run("check", "--strict").exit_code == 0


def test_nothing_is_underlined_in_the_shipped_files(server: YamlLanguageServer) -> None:
    underlined = {path.name: server.open(path) for path in sorted(SHIPPED.rglob("*.yaml"))}
    assert {name: found for name, found in underlined.items() if found} == {}


def test_nothing_is_underlined_in_a_good_file(server: YamlLanguageServer, office: RuleOffice) -> None:
    for path in sorted(office.rules.rglob("*.yaml")):
        assert server.open(path) == [], path


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("status: live", "status: lve", '6:9 Value is not accepted. Valid values: "trial", "live", "retired".'),
        ("owner: offender", "ownr: offender", "5:1 Property ownr is not allowed."),
        (
            "<recall words>",
            "<recal words>",
            '11:12 Value is not accepted. Valid values: "<recall words>", "<own address>',
        ),
        ("has: prison number", "has: prison numbr", "13:10 Value is not accepted."),
        ("priority: high", "priority: soon", "21:13 Value is not accepted."),
        ("copy: [offender-management]", "copy: [offender-managment]", "23:10 Value is not accepted."),
        ("<home place.mailbox>", "<home place.mailbx>", "22:8 Value is not accepted."),
        ("template: prison-recall", "template: prisn-recall", "24:13 Value is not accepted."),
        ("within: 2 hours", "within: 2", "25:23 Incorrect type."),
        ("outranks: [operation-query]", "outranks: [operation-qury]", "33:12 Value is not accepted."),
        ("rule: prison-recall\n", "", '2:1 Missing property "rule".'),
    ],
)
def test_a_mistake_is_underlined_where_it_stands(
    server: YamlLanguageServer, office: RuleOffice, right: str, wrong: str, told: str
) -> None:
    text = office.read(RECALL)
    assert right in text
    underlined = Editor(server, office, RECALL, text.replace(right, wrong, 1)).underlined
    assert any(one.startswith(told) for one in underlined), underlined


def test_the_names_that_there_are_complete(server: YamlLanguageServer, office: RuleOffice) -> None:
    editor = Editor(server, office, RECALL, office.read(RECALL))
    assert editor.offered("status: ") == {"live", "trial", "retired"}
    assert editor.offered("- says: [") >= {"<recall words>", "<own address>"}
    assert editor.offered("- has: ") >= {"home place", "operation", "prison number"}
    assert editor.offered("copy: [") >= {
        "c-division",
        "offender-management",
        "<home place.mailbox>",
        "<earlier.mailbox>",
    }
    assert editor.offered("template: ") >= {"prison-recall", "rotl"}
    assert "alarm" not in editor.offered("template: ")
    assert editor.offered("outranks: [") == {"operation-query", "prison-recall"}
    assert editor.offered("acknowledge within: ") >= {"30 minutes", "2 hours"}


def test_the_keys_that_are_missing_complete(server: YamlLanguageServer, office: RuleOffice) -> None:
    text = office.read(RECALL).replace("  category:", "  # here\n  \n  category:", 1)
    editor = Editor(server, office, RECALL, text)
    assert editor.offered_below("  # here") >= {"hold", "outcome", "to every", "undoes"}


def test_each_key_says_what_it_is_for(server: YamlLanguageServer, office: RuleOffice) -> None:
    editor = Editor(server, office, RECALL, office.read(RECALL))
    assert "Who may say this. From anybody else it is held" in editor.explained("from")
    assert "A veto" in editor.explained("none of")
    assert "How soon the recipient must answer" in editor.explained("acknowledge")
    assert "Something of entities.yaml" in editor.explained("- has")


def test_lists_and_entities_have_schemas_of_their_own(server: YamlLanguageServer, office: RuleOffice) -> None:
    wrong = office.read("entities.yaml").replace("register: places", "register: place", 1)
    assert any("Value is not accepted" in one for one in Editor(server, office, "entities.yaml", wrong).underlined)
    wrong = office.read("lists.yaml").replace("phrases:", "phrase:", 1)
    assert any("phrase is not allowed" in one for one in Editor(server, office, "lists.yaml", wrong).underlined)
