"""What the YAML parser complains of, told to people who have never heard of YAML.

The parser notices a mistake where it can read no further; the mistake itself is often lines above. Each function here
knows one family of mistakes and either tells it or passes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The parser's own words and places; lines and columns count from 0."""

    problem: str
    context: str
    line: int
    column: int
    """Where it was noticed."""
    began_line: int
    began_column: int
    """Where the thing that could not be read begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A mistake and where it is; lines and columns count from 0."""

    line: int
    column: int
    message: str
    hint: str


QUOTE_IT = "put the text in quotes"
_DASH_IN_LINE = "block sequence entries are not allowed in this context"


def explain(lines: Sequence[str], broken: Broken) -> Told:
    """The mistake in plain words; there is always an answer."""
    for family in _FAMILIES:
        told = family(lines, broken)
        if told is not None:
            return told
    return _indentation(lines, broken)


def starred(text: str) -> tuple[str, str]:
    """Message and hint for a text that begins with `*`, which YAML reads as a reference to something else."""
    words = text.strip("*")
    better = f"{words}*" if re.fullmatch(r"[\w -]+", words) else words
    return (
        f'"{text}" begins with "*", which is not possible outside quotes',
        f'write instead: "{better}" (in a phrase "*" stands only at the end of a word)',
    )


def _tab(lines: Sequence[str], broken: Broken) -> Told | None:
    for number in (broken.line, broken.line - 1):
        line = _line(lines, number)
        indentation = line[: len(line) - len(line.lstrip())]
        if number >= 0 and "\t" in indentation:
            return _at(number, indentation.index("\t"), "this line is indented with a tab", "use spaces instead")
        if number >= 0 and "\u00a0" in indentation:
            column = indentation.index("\u00a0")
            return _at(
                number,
                column,
                "this line is indented with spaces of another kind",
                "delete them and type ordinary spaces",
            )
    if _line(lines, broken.line)[broken.column : broken.column + 1] == "\t":
        return _at(broken.line, broken.column, "there is a tab here", "use spaces instead")
    return None


def _star(lines: Sequence[str], broken: Broken) -> Told | None:
    if broken.context not in {"while scanning an alias", "while scanning an anchor"}:
        return None
    rest = _line(lines, broken.began_line)[broken.began_column :]
    text = re.split(r"[,\]}]|\s+#", rest)[0].strip()
    if broken.context == "while scanning an alias":
        message, hint = starred(text)
    else:
        message, hint = f'"{text}" begins with "&", which is not possible outside quotes', f'write instead: "{text}"'
    return _at(broken.began_line, broken.began_column, message, hint)


def _quotes(lines: Sequence[str], broken: Broken) -> Told | None:
    if broken.problem == "found unknown escape character":
        return _at(
            broken.line,
            broken.column,
            "a backslash between double quotation marks has a meaning of its own",
            "put the text between single quotation marks instead",
        )
    if "quoted scalar" in broken.context:
        return _unclosed_quotation(broken.began_line, broken.began_column)
    opened = _odd_quotation(_line(lines, broken.began_line))
    if "flow" in broken.context and opened is not None:
        return _unclosed_quotation(broken.began_line, opened)
    return None


def _bracket(lines: Sequence[str], broken: Broken) -> Told | None:
    if "flow" not in broken.context:
        return None
    if broken.context == "while parsing a flow node":
        return _nothing_there(lines, broken)
    opening = _line(lines, broken.began_line)
    bracket = opening[broken.began_column : broken.began_column + 1] or "["
    closing = {"[": "]", "{": "}"}.get(bracket, "]")
    if broken.line == broken.began_line:
        return _at(
            broken.line,
            broken.column,
            f'a comma or "{closing}" is missing before this',
            f"write: {bracket}one, two{closing}; a text with commas, brackets or quotation marks in it goes in quotes",
        )
    return _unclosed_bracket(lines, broken, broken.began_line, broken.began_column, bracket + closing)


def _nothing_there(lines: Sequence[str], broken: Broken) -> Told:
    line = _line(lines, broken.line)
    if line[broken.column : broken.column + 1] == ",":
        return _at(broken.line, broken.column, "there is nothing between two commas", "delete one of them")
    for number in range(min(broken.line, len(lines) - 1), -1, -1):
        opening = lines[number]
        for bracket, closing in ("[]", "{}"):
            if opening.count(bracket) > opening.count(closing):
                return _unclosed_bracket(lines, broken, number, opening.rindex(bracket), bracket + closing)
    return _at(broken.line, broken.column, "a value is missing here", "write it, or delete the key")


def _unclosed_bracket(lines: Sequence[str], broken: Broken, line: int, column: int, brackets: str) -> Told:
    bracket, closing = brackets[0], brackets[1]
    opening = _line(lines, line)
    comment = re.search(r"\s#", opening[column:])
    if comment and closing in opening[column + comment.start() :]:
        hash_at = column + comment.start() + 1
        item = re.split(r"[\[{,]", opening[:hash_at])[-1] + re.split(r"[,\]}]", opening[hash_at:])[0]
        return _at(
            line,
            hash_at,
            f'what follows the "#" is read as a comment, the closing "{closing}" too',
            f'if it belongs to the text, put that text in quotes: "{item.strip()}"',
        )
    hint = f'write "{closing}" after the last item, and commas between the items'
    if not any(rest.strip() for rest in lines[max(broken.line, line + 1) :]):
        hint += "; if the rest of the file is gone, it was saved only in part"
    return _at(line, column, f'the bracket "{bracket}" that opens here is never closed', hint)


def _colon_in_text(lines: Sequence[str], broken: Broken) -> Told | None:
    if broken.problem != "mapping values are not allowed in this context":
        return None
    line = _line(lines, broken.line)
    key = re.match(r"\s*(?:- +)*([^:]+): +", line)
    if key and key.end() <= broken.column:
        text = line[key.end() :].strip().replace('"', "'")
        return _at(
            broken.line,
            key.end(),
            'a text with ": " in it needs quotes',
            f'write instead: {key[1].strip()}: "{text}"',
        )
    above = _line(lines, broken.line - 1)
    if re.match(r"\s*(?:- +)?[^:\[{]+:( +\S|$)", above):
        return _at(
            broken.line,
            len(line) - len(line.lstrip()),
            "this line is indented further than the line above, to which it does not belong",
            f"begin it in column {_text_column(above) + 1}, like the line above",
        )
    if joined := _joined_colon(above, broken.line - 1):
        return joined
    return _at(
        broken.line - 1,
        _text_column(above),
        f'"{above.strip()}" runs on into the next line',
        'if it is a key, end it with ":"; if not, the next line is indented wrongly',
    )


def _dash(lines: Sequence[str], broken: Broken) -> Told | None:
    if broken.problem == _DASH_IN_LINE:
        key = _line(lines, broken.line)[: broken.column].strip()
        return _at(
            broken.line,
            broken.column,
            'a list that is written with "- " begins on a line of its own',
            f'begin a new line after "{key}", or write: {key} [one, two]',
        )
    stuck = re.match(r"(\s*)-(?=[^\s-])", _line(lines, broken.began_line))
    if stuck and broken.problem == "could not find expected ':'":
        return _at(broken.began_line, len(stuck[1]), "the dash needs a space after it", 'write: "- " and then the text')
    return None


def _no_colon(lines: Sequence[str], broken: Broken) -> Told | None:
    if broken.problem != "could not find expected ':'":
        return None
    line = _line(lines, broken.began_line)
    if joined := _joined_colon(line, broken.began_line):
        return joined
    return _at(
        broken.began_line,
        broken.began_column,
        f'"{line.strip()}" is not a key with a value',
        'write "key: value"; a text of several lines needs "|" after its key, and deeper indentation',
    )


def _joined_colon(line: str, number: int) -> Told | None:
    joined = re.match(r"\s*(?:- +)*([\w ]+):(\S.*)$", line)
    if joined is None:
        return None
    return _at(
        number,
        joined.start(1),
        f'the colon after "{joined[1]}" needs a space after it',
        f"write instead: {joined[1]}: {joined[2]}",
    )


def _first_character(lines: Sequence[str], broken: Broken) -> Told | None:
    if broken.problem == "did not find expected node content":
        return _at(broken.line, broken.column, "there is a closing bracket here that nothing opens", "delete it")
    if broken.problem != "found character that cannot start any token":
        return None
    character = _line(lines, broken.line)[broken.column : broken.column + 1]
    return _at(broken.line, broken.column, f'a text outside quotes cannot begin with "{character}"', QUOTE_IT)


def _after_the_end(lines: Sequence[str], broken: Broken) -> Told | None:
    line = _line(lines, broken.line)
    before = line[: broken.column].rstrip()
    if not before or broken.problem not in {"did not find expected key", _DASH_IN_LINE}:
        return None
    if before.endswith("'") and broken.column == len(before):
        return _at(
            broken.line,
            broken.column,
            "an apostrophe ends the text between single quotation marks",
            "put the text between double quotation marks instead",
        )
    what = {'"': "quotation mark", "'": "quotation mark", "]": "bracket", "}": "bracket"}.get(before[-1])
    if what is None:
        return None
    return _at(
        broken.line,
        broken.column,
        f"there is text after the closing {what}",
        "delete it, or put the whole text in quotes (single ones, if there are double ones in it)",
    )


def _indentation(lines: Sequence[str], broken: Broken) -> Told:
    line = _line(lines, broken.line)
    if broken.line >= len(lines) or not line.strip():
        return _at(broken.line, 0, "the file ends in the middle of something", "look at its last lines")
    if line.lstrip().startswith("- "):
        hint = "begin it in the same column as the other dashes of its list, or remove the dash"
    else:
        hint = "begin it in the same column as the other lines that it belongs with"
    column = len(line) - len(line.lstrip())
    return _at(broken.line, column, "this line is indented in a way that fits nothing above it", hint)


def _unclosed_quotation(line: int, column: int) -> Told:
    return _at(line, column, "the quotation mark that opens here is never closed", "close it at the end of the text")


def _odd_quotation(line: str) -> int | None:
    """Where the last double quotation mark of a line stands, if it has an odd number of them."""
    return line.rindex('"') if line.count('"') % 2 else None


def _text_column(line: str) -> int:
    found = re.match(r"\s*(?:- +)*", line)
    return found.end() if found else 0


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number].rstrip("\r") if 0 <= number < len(lines) else ""


def _at(line: int, column: int, message: str, hint: str) -> Told:
    return Told(line=max(line, 0), column=column, message=message, hint=hint)


_FAMILIES = (_tab, _star, _quotes, _bracket, _colon_in_text, _after_the_end, _dash, _no_colon, _first_character)
"""In this order: each knows only that the families before it have passed."""
