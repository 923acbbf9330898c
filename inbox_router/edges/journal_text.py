"""Values as the journal keeps them in one column: a decision as JSON, octets packed where that is worth its time."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import types
import typing
import zlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from inbox_router.core.decision import Decision

_PROBE = 4096
"""Octets out of the middle that are tried first. Attachments in base64 save a quarter, at more time than all else that
the journal does; plain words save two thirds and more."""

_WORTH = 0.6
"""What packing must come down to, as a share, to be done."""

_MICROSECOND = timedelta(microseconds=1)


def decision_to_text(decision: Decision) -> str:
    """The whole decision as JSON. Escaped to ASCII, so that not even a lone surrogate can be refused by a database."""
    return json.dumps(_plain(decision), separators=(",", ":"))


def decision_from_text(text: str) -> Decision:
    """The very decision that was written; fields that came into being since have their defaults."""
    decision = _value(Decision, json.loads(text))
    assert isinstance(decision, Decision)  # noqa: S101
    return decision


def _plain(value: Any) -> Any:
    """Lists for tuples, microseconds for durations, and of a dataclass only what differs from its defaults."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if dataclasses.is_dataclass(value):
        kind: type = type(value)
        return {
            name: _plain(content)
            for name, default in _defaults(kind).items()
            if (content := getattr(value, name)) != default
        }
    return value


@functools.cache
def _defaults(kind: type) -> Mapping[str, object]:
    return {field.name: field.default for field in dataclasses.fields(kind)}


@functools.cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _value(hint: Any, plain: Any) -> Any:
    """The value of the type `hint` that `_plain` made `plain` from."""
    if plain is None:
        return None
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        (hint,) = (kind for kind in typing.get_args(hint) if kind is not types.NoneType)
    if typing.get_origin(hint) is tuple:
        kinds = typing.get_args(hint)
        each = [kinds[0]] * len(plain) if kinds[1:] == (Ellipsis,) else kinds
        return tuple(_value(kind, item) for kind, item in zip(each, plain, strict=True))
    if hint is timedelta:
        return plain * _MICROSECOND
    if dataclasses.is_dataclass(hint):
        kind = typing.cast(type, hint)
        hints = _hints(kind)
        return kind(**{name: _value(hints[name], content) for name, content in plain.items()})
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(plain)
    return plain


def pack(octets: bytes) -> tuple[str, bytes]:
    """How the octets are kept (`zlib` or `as is`), and what is kept."""
    middle = max(0, (len(octets) - _PROBE) // 2)
    probe = octets[middle : middle + _PROBE]
    if len(zlib.compress(probe, 1)) < len(probe) * _WORTH:
        packed = zlib.compress(octets, 1)
        if len(packed) < len(octets) * _WORTH:
            return "zlib", packed
    return "as is", octets


def unpack(packing: str, kept: bytes) -> bytes:
    return zlib.decompress(kept) if packing == "zlib" else bytes(kept)


def sha256_of(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
