"""Symbol fonts: what their private code points show."""

from __future__ import annotations

from typing import Final

_SHOWN: Final = {
    0x6F: "☐", 0x71: "☐", 0x72: "☐", 0xA8: "☐", 0x6E: "■",
    0x78: "☒", 0xFD: "☒", 0xFE: "☑", 0xFB: "✗", 0xFC: "✓", 0x52: "☑", 0x53: "☒", 0x54: "☒",
    0x4F: "✗", 0x50: "✓", 0xA3: "☐",
    0xB7: "•", 0xA7: "▪", 0xD8: "➢", 0xE0: "→",
}  # fmt: skip
"""Wingdings and Wingdings 2 by code, which the private-use area U+F000 repeats. Forms hang on boxes and ticks."""


def shown(code: int) -> str:
    """What the character `code` of a symbol font (0 to 255, or the same from U+F000) shows; "" if unknown."""
    return _SHOWN.get(code & 0xFF, "")


PRIVATE_USE: Final = {0xF000 + code: character for code, character in _SHOWN.items()}
"""For `str.translate`."""
