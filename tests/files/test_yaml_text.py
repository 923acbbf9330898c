"""YAML, read strictly: values stay text, and whatever is read is either a tree or a problem with a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_set import RULES

from inbox_router.files import yaml_text
from inbox_router.files.problems import Findings
from inbox_router.files.yaml_text import Items, Node, Scalar, Table

GOOD = (RULES / "recall" / "prison-recall.yaml").read_text(encoding="utf-8")


def read(text: str | bytes) -> tuple[Table | None, list[str]]:
    findings = Findings()
    octets = text if isinstance(text, bytes) else text.encode()
    return yaml_text.read("r.yaml", octets, findings), [str(problem) for problem in findings.problems]


def values(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [values(item) for item in node.items]
    return {entry.key.text: values(entry.value) for entry in node.entries}


@pytest.mark.parametrize(
    "written",
    ["no", "on", "19:00", "0123", "1_000", "2026-11-22", "1e3", "null", "~", "it's", "a#1", "<a list>", "...x"],
)
def test_a_value_stays_the_text_that_was_written(written: str) -> None:
    tree, problems = read(f"key: {written}\nlist: [{written}, b]\n")
    assert problems == []
    assert tree is not None
    assert values(tree) == {"key": written, "list": [written, "b"]}


def test_every_value_knows_its_line_and_column() -> None:
    tree, _ = read("format: 1\nthen:\n  to: [a, b]\n")
    assert tree is not None
    then = tree.entries[1].value
    assert isinstance(then, Table)
    to = then.entries[0].value
    assert isinstance(to, Items)
    assert str(to.items[1].where) == "r.yaml:3:11"


def test_a_byte_order_mark_and_the_line_ends_of_other_systems_do_no_harm() -> None:
    tree, problems = read(b"\xef\xbb\xbfformat: 1\r\ntitle: one\r\n")
    assert problems == []
    assert tree is not None
    assert values(tree) == {"format": "1", "title": "one"}


@pytest.mark.parametrize(
    "line",
    [
        "a: b # a comment",
        "a: b   #---- a line of dashes",
        "a: 'x #1' # more",
        'a: "x #1"',
        "a: b # see #1",
        "# only #1\na: b",
    ],
)
def test_comments_and_quoted_hashes_are_no_mistake(line: str) -> None:
    assert read(line)[1] == []


def test_a_hash_inside_a_block_of_text_is_text() -> None:
    tree, problems = read("body: |\n  report #1\n  and #2\n")
    assert problems == []
    assert tree is not None
    assert values(tree) == {"body": "report #1\nand #2\n"}


def test_each_of_several_mistakes_is_told() -> None:
    _, problems = read("a: 1\na: 2\nb: x #1\nc: !!str d\n")
    assert [problem.split(": ")[0] for problem in problems] == ["r.yaml:4:4", "r.yaml:2:1", "r.yaml:3:6"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: " + "[" * 100 + "]" * 100, "nested"),
        ("a: [" + "x, " * 60_000 + "]", "more than 50,000 values"),
        ("a: " + "x" * 1_100_000, "larger than"),
        ("- a\n- b\n", "not a list of keys"),
        ("a: &x [b]\nc: [*x, *x, *x]\n", "not possible here"),
        ("? [a, b]\n: c\n", "cannot be a key"),
        ("%YAML 1.1\n---\na: b\n", 'begins with "%"'),
        ("a: ]\n", "nothing opens"),
        ("a: [b,,c]\n", "nothing between two commas"),
        ("a:\n  b\n\n  - c\n", "runs on"),
    ],
)
def test_what_could_grow_or_mislead_is_refused(text: str, word: str) -> None:
    tree, problems = read(text)
    assert tree is None
    assert any(word in problem for problem in problems), problems


@given(st.text(alphabet=st.sampled_from("ab:-[]{}\"'#*&!|>%@`,?<>. \t\n\\éß\u00a0\u2028"), max_size=60))
def test_any_text_is_read_or_told(text: str) -> None:
    tree, problems = read(text)
    assert (tree is None) == bool(problems)


@given(st.binary(max_size=80))
def test_any_octets_are_read_or_told(octets: bytes) -> None:
    tree, problems = read(octets)
    assert (tree is None) == bool(problems)


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 5),
    st.sampled_from(["", "\t", "#", " #", ": ", "[", '"', "'", "*", "- ", "\n"]),
)
def test_a_good_file_spoilt_anywhere_is_read_or_told(at: int, removed: int, put: str) -> None:
    tree, problems = read(GOOD[:at] + put + GOOD[at + removed :])
    assert (tree is None) == bool(problems)
