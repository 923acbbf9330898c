"""`all of`, `any of`, `none of` and `ignore`: the tests of a rule or of one of its types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inbox_router.core.message import Trait
from inbox_router.core.rules import Test, Word
from inbox_router.files.names import Names
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.sections import Section, texts_of
from inbox_router.files.yaml_text import Items, Node, Scalar, Table

BLOCKS = ("all of", "any of", "none of", "ignore")

MESSAGE_IS = (*(trait.value for trait in Trait), "over tier")
"""What a test may say of a message: what it is by its structure, or that its protective marking is above the tier."""

_WORDS = tuple(word.value for word in Word)
_PHRASES = frozenset({Word.SAYS, Word.SUBJECT_SAYS, Word.OWN_SAYS, Word.ATTACHMENT_SAYS, Word.QUOTED_SAYS})


class SenderIs(StrEnum):
    """What a test may say of a sender."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    LOOKALIKE = "lookalike"
    TWO_FROMS = "two froms"
    REPLY_ELSEWHERE = "reply elsewhere"
    DISPLAY_NAME_TRICK = "display name trick"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    all_of: tuple[Test, ...]
    any_of: tuple[Test, ...]
    none_of: tuple[Test, ...]
    ignore: tuple[str, ...]

    @property
    def positive(self) -> bool:
        """Whether anything must be there for it to fit."""
        return bool(self.all_of or self.any_of)


def read_blocks(section: Section, names: Names, findings: Findings) -> Blocks:
    all_of, any_of, none_of = (_tests(section, block, names, findings) for block in BLOCKS[:3])
    ignore = names.written_out(section.texts("ignore"), findings)
    return Blocks(all_of=all_of, any_of=any_of, none_of=none_of, ignore=ignore)


def _tests(section: Section, block: str, names: Names, findings: Findings) -> tuple[Test, ...]:
    node = section.node(block)
    if node is None:
        return ()
    if not isinstance(node, Items):
        found = f"- {_shown(node)}"
        findings.add(node.where, f'"{block}" is a list of tests', f"write under it: {found}")
        return ()
    if not node.items:
        findings.add(node.where, f'"{block}" is empty', "write a test, or delete the key")
    return tuple(test for item in node.items if (test := _test(item, block, names, findings)) is not None)


def _test(item: Node, block: str, names: Names, findings: Findings) -> Test | None:
    if not isinstance(item, Table):
        text = item.text if isinstance(item, Scalar) and item.text else "recall notice"
        findings.add(
            item.where, f'each line of "{block}" begins with a word such as "says"', f'write instead: - says: "{text}"'
        )
        return None
    if len(item.entries) > 1:
        second = item.entries[1]
        findings.add(
            second.key.where,
            f'"{second.key.text}" stands in the same test as "{item.entries[0].key.text}"',
            f"begin a new line with a dash: - {second.key.text}: ...",
        )
    entry = item.entries[0]
    if entry.key.text not in _WORDS:
        findings.add(
            entry.key.where, f'a test cannot begin with "{entry.key.text}"', did_you_mean(entry.key.text, _WORDS)
        )
        return None
    word = Word(entry.key.text)
    texts = texts_of(entry.value, findings, what=f'"{word}"')
    written = tuple(text.text for text in texts)
    return Test(word=word, values=_values(word, texts, names, findings), where=entry.key.where, written=written)


def _values(word: Word, texts: Sequence[Scalar], names: Names, findings: Findings) -> tuple[str, ...]:
    if word in _PHRASES:
        return names.written_out(texts, findings)
    if word is Word.FROM:
        return names.senders(texts, findings)
    if word is Word.HAS:
        return names.known_entities(texts, findings)
    vocabulary = MESSAGE_IS if word is Word.MESSAGE_IS else tuple(member.value for member in SenderIs)
    for text in texts:
        if text.text not in vocabulary:
            findings.add(text.where, f'"{word}" cannot be "{text.text}"', did_you_mean(text.text, vocabulary))
    return tuple(text.text for text in texts)


def _shown(node: Node) -> str:
    """A test as it should be written, from what was written in its place."""
    if isinstance(node, Table) and node.entries:
        entry = node.entries[0]
        return f"{entry.key.text}: [{', '.join(_texts(entry.value)) or '...'}]"
    return f"says: [{', '.join(_texts(node)) or 'recall notice'}]"


def _texts(node: Node) -> list[str]:
    found = node.items if isinstance(node, Items) else (node,)
    return [item.text for item in found if isinstance(item, Scalar) and item.text]
