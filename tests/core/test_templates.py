"""A template is refused before it meets real mail, with the file, the line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_router.core.templates import Templates, TemplateSet, TemplateText

SHIPPED = Path(__file__).parents[2] / "templates"
NO_SUCH_VALUE = "this kind of template has no such value; the shipped ones show those that there are"
GOOD = "{{ marking }}\n{{ reference }}\n{{ because }}\n{{ marking }}\n"


def problems(subject: str = "words\n", text: str = GOOD, html: str = GOOD, **shared: str) -> list[str]:
    """What is said about a template `mine` that stands among the shipped ones."""
    texts = {
        folder.name: TemplateText(
            name=folder.name,
            subject=(folder / "subject.txt").read_text("utf-8"),
            text=(folder / "body.txt").read_text("utf-8"),
            html=(folder / "body.html").read_text("utf-8"),
        )
        for folder in SHIPPED.iterdir()
        if folder.is_dir()
    }
    texts["mine"] = TemplateText(name="mine", subject=subject, text=text, html=html)
    files = {file.name: file.read_text("utf-8") for file in SHIPPED.iterdir() if file.is_file()}
    return [str(each) for each in Templates(TemplateSet(templates=texts, shared=files | shared)).problems()]


def test_the_shipped_templates_and_a_plain_one_pass() -> None:
    assert problems() == []


def test_a_value_that_there_is_not_is_named_with_its_line() -> None:
    assert problems(text=GOOD + "{{ prisoner_name }}\n") == [
        f"mine/body.txt:5:1: 'prisoner_name' is undefined - {NO_SUCH_VALUE}"
    ]


@pytest.mark.parametrize("value", ["because", "facts", "sender", "original_subject", "to"])
def test_a_subject_cannot_show_anything_that_came_with_the_message(value: str) -> None:
    (problem,) = problems(subject=f"about {{{{ {value} }}}}\n")
    assert problem.startswith(f"mine/subject.txt:1:1: '{value}' is undefined")


def test_an_unclosed_block_is_named_with_its_line() -> None:
    (problem,) = problems(html="one\n{% if urgent %}\ntwo\n" + GOOD)
    assert problem.startswith("mine/body.html:")
    assert "every {% if %}, {% for %} and {% block %} needs its end" in problem


def test_a_value_made_markup_is_refused() -> None:
    html = "{% autoescape false %}{{ because }}{% endautoescape %}" + GOOD
    assert "mine/body.html:1:1: a value stands in the HTML unescaped - remove {% autoescape false %}" in problems(
        html=html
    )


@pytest.mark.parametrize("filter_", ["safe", "random", "attr('x')", "tojson", "urlize"])
def test_filters_that_trust_or_reach_outside_do_not_exist(filter_: str) -> None:
    (problem,) = problems(text=GOOD + f"{{{{ because | {filter_} }}}}\n")
    assert problem.startswith("mine/body.txt:5:1: No filter named")


@pytest.mark.parametrize(
    "reach",
    ["because.__class__", "to.__class__.__mro__", "because.format(1)", "facts.append(1)", "cycler", "range(9)"],
)
def test_a_template_cannot_reach_beyond_its_values(reach: str) -> None:
    (problem,) = problems(text=GOOD + f"{{{{ {reach} }}}}\n")
    assert problem.startswith("mine/body.txt:5:1: ")


def test_it_cannot_load_anything_from_outside() -> None:
    assert problems(html=GOOD + '<IMG SRC="https://tracker.example/x.gif">') == [
        "mine/body.html:1:1: the HTML holds '<img' - our mail loads nothing and runs nothing: use text and tables"
    ]


def test_marking_and_reference_are_demanded_of_every_body() -> None:
    marking, reference = problems(text="hello\n")
    assert marking.startswith("mine/body.txt:1:1: the protective marking must stand at the head and at the foot - ")
    assert reference == "mine/body.txt:1:1: the reference is not shown - show {{ reference }}"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("\n", "the subject is empty"),
        ("one\ntwo\n", "the subject has more than one line"),
        ("long " * 60, "the subject is longer than 120 characters"),
    ],
)
def test_a_subject_is_one_short_line(subject: str, said: str) -> None:
    (problem,) = problems(subject=subject)
    assert said in problem


def test_a_fault_in_a_shared_layout_is_told_once_and_named_there() -> None:
    found = problems(**{"base.txt": "{{ marking }}{{ reference }}\n{{ nonsense }}{{ marking }}\n"})
    assert [each for each in found if "nonsense" in each] == [
        f"base.txt:2:1: 'nonsense' is undefined - {NO_SUCH_VALUE}"
    ]


def test_a_layout_that_is_missing_is_named() -> None:
    (problem,) = problems(text='{% extends "layout.txt" %}')
    assert "layout.txt" in problem
    assert "shared layouts stand directly in the folder of templates" in problem


def test_a_notice_of_the_services_own_that_is_missing_is_named() -> None:
    found = Templates(TemplateSet(templates={})).problems()
    assert [each.where.file for each in found] == [
        "held/body.txt",
        "confidential-source/body.txt",
        "security-hold/body.txt",
        "alarm/body.txt",
    ]
