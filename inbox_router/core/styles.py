"""What the styles of an HTML body do to its words: hide them, strike them through, lay colour behind them.

Only what senders use to hide words is looked at: the style attribute, the colour attributes, and simple rules of the
message's own style sheets. Styles are hostile text: every pattern is bounded or runs in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import re2
from resiliparse.parse.html import ElementNode, HTMLTree

STYLE_SPACES = re.compile(r"\s*([:;,()])\s*")
STYLE_RULE = re2.compile(r"([^{}]+)\{([^{}]*)\}")
AT_RULE = re2.compile(r"@[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
CSS_COMMENT = re2.compile(r"(?s)/\*.*?\*/|<!--|-->")
SELECTOR = re.compile(r"[a-z0-9]*([.#][a-z0-9_-]+)")
HIDING = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|color:transparent|max-height:0(?:[^\d.]|$)|opacity:0*\.?0*(?:[;!%]|$)"
    r"|font-size:[01](?:\.\d+)?(?:px|pt|em|rem|%)?(?:[;!]|$)|font:(?:[a-z0-9-]+ )?[01]px)"
)
SMALL_BUT_RELATIVE = re.compile(r"(?:^|;)font-size:1(?:\.\d+)?(?:em|rem)")
FLAT = re.compile(r"(?:^|;)(?:height|width):0(?:px|pt)?(?:[;!]|$)")
WHITE = re.compile(r"(?:^|;)color:(?:#f{3}(?:f{3})?|white|rgb\(255,255,255\))(?:[;!]|$)")
COLOURED = re.compile(r"(?:^|;)background(?:-color|-image)?:([^;]+)")
STRIKING = re.compile(r"(?:^|;)text-decoration(?:-line)?:[^;]*line-through")
PAPER = frozenset({"#fff", "#ffffff", "white", "transparent", "none", "inherit", "initial", "rgb(255,255,255)"})


LONGEST_STYLE = 2_000
LONGEST_STYLE_SHEET = 200_000


def style_sheet(tree: HTMLTree) -> Mapping[str, str]:
    """What the message's own style sheets say of a class (`.note`) or an element by name (`#note`)."""
    rules: dict[str, str] = {}
    for element in tree.document.get_elements_by_tag_name("style") if tree.document else ():
        text = CSS_COMMENT.sub(" ", (element.text or "")[:LONGEST_STYLE_SHEET].lower())
        for rule in STYLE_RULE.finditer(AT_RULE.sub(" ", text)):
            for selector in rule[1].split(","):
                simple = SELECTOR.fullmatch(selector.strip())
                if simple:
                    rules[simple[1]] = f"{rules.get(simple[1], '')};{_compact(rule[2])}"
    return rules


def style_of(node: ElementNode, sheet: Mapping[str, str]) -> str:
    """Everything that styles an element itself, its own words last."""
    if not node.attrs:
        return ""
    found: list[str] = []
    if sheet:
        found += (sheet[f".{name}"] for name in (node.getattr("class") or "").lower().split() if f".{name}" in sheet)
        if (name := "#" + (node.getattr("id") or "").lower()) in sheet:
            found.append(sheet[name])
    if colour := node.getattr("color"):
        found.append("color:" + _compact(colour))
    if ground := node.getattr("bgcolor") or node.getattr("background"):
        found.append("background:" + _compact(ground))
    if written := node.getattr("style"):
        found.append(_compact(written))
    return ";".join(found)


def _compact(style: str) -> str:
    return STYLE_SPACES.sub(r"\1", style[:LONGEST_STYLE].strip().lower())


def is_hidden(style: str, coloured: bool) -> bool:
    if HIDING.search(style) and not SMALL_BUT_RELATIVE.search(style):
        return True
    if FLAT.search(style) and "overflow:hidden" in style:
        return True
    return bool(WHITE.search(style)) and not coloured and not is_coloured(style)


def is_coloured(style: str) -> bool:
    """Whether a background other than paper is laid, on which white letters can be read."""
    return any(ground.replace("!important", "") not in PAPER for ground in COLOURED.findall(style))


def is_struck(style: str) -> bool:
    return bool(STRIKING.search(style))
