"""Who a message is from, who vouches for that (RFC 8601), and which of the force's partners that makes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inbox_router.core.fields import Fields, addresses, one_line
from inbox_router.core.message import Authentication, Sender

RESULT = re.compile(r"([a-z][a-z0-9-]*)(?:/\d+)?\s*=\s*([a-z]+)")
PROPERTY = re.compile(r'\b([a-z]{1,20}\.[a-z0-9_-]{1,60}) ?= ?("[^"]*"|[^\s"]+)')
COMMENT_MARK = re.compile(r'\\.|[()"]')
SERVER = re.compile(r"([^\s;=]+)(?:\s+\d+)?\s*")
ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")

LONGEST_CLAIM = 500

LOOKS = "авеѕіјкмнорстухһԁԛԝѵӏɡɩıαβγεηικνορτυχω01345ij"  # noqa: RUF001
LIKE = "abesllkmhopctyxhdqwvlgllabyenlkvoptuxwoleasll"
CONFUSABLE = str.maketrans(LOOKS, LIKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gateway said of the From domain, and what others said that was not believed."""

    authentication: Authentication
    vouched_by: str = ""
    ignored_claims: tuple[str, ...] = ()
    defect: str = ""
    """Why nobody was believed, where the gateway left no mark of its own; "" otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    method: str
    result: str
    properties: Mapping[str, str]

    def said(self, name: str) -> str:
        """The result as the gateway gave it, with the property that it was about."""
        return f"{self.method}={self.result} {name}={self.properties[name]}"


def normal_domain(domain: str) -> str:
    """A domain as domains are compared: lower case, IDNA decoded, `x.pnn.police.uk` written `x.police.uk`."""
    labels = [_unicode_label(label) for label in domain.strip().strip(".").lower().split(".")]
    if labels[-3:] == ["pnn", "police", "uk"]:
        del labels[-3]
    return ".".join(labels)


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return unicodedata.normalize("NFKC", label[4:].encode("ascii").decode("punycode")).lower()
    except UnicodeError:
        return label


def is_within(domain: str, parent: str) -> bool:
    """Whether a domain is another, or one of its subdomains."""
    return domain == parent or domain.endswith("." + parent)


def group_of(address: str, domain: str, groups: Mapping[str, Sequence[str]]) -> str | None:
    """The group that a sender belongs to. An address in a group decides before any domain, then the longest domain."""
    written = address.lower()
    best, group = "", None
    for name, members in groups.items():
        for member in members:
            if "@" in member:
                if written and member.lower() == written:
                    return name
            elif domain and len(member) > len(best) and is_within(domain, normal_domain(member)):
                best, group = member, name
    return group


def lookalike_of(domain: str, known: Iterable[str]) -> str | None:
    """The known domain that this one could be taken for, though it is neither that domain nor one of its subdomains.

    Sees letters that look alike, hyphens for dots (and neither), and a known name that begins or stands inside another.
    """
    domain = normal_domain(domain)
    names = sorted({normal_domain(name) for name in known}, key=len, reverse=True)
    if not domain or any(is_within(domain, name) for name in names):
        return None
    dotted = domain.replace("-", ".")
    for name in names:
        if f".{name.replace('-', '.')}." in f".{dotted}." or _bare(domain) == _bare(name):
            return name
        if is_within(_skeleton(domain), _skeleton(name)) or is_within(_skeleton(dotted), _skeleton(name)):
            return name
    return None


def _bare(domain: str) -> str:
    return _skeleton(domain).replace(".", "").replace("-", "")


def _skeleton(domain: str) -> str:
    """A domain with every letter replaced by the plainest one that it looks like (after UTS 39)."""
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", domain))
    folded = "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(CONFUSABLE)
    return folded.replace("rn", "m").replace("vv", "w").replace("cl", "d")


def sender_of(fields: Fields, gateway: str) -> tuple[Sender, str]:
    """Who a message says it is from, and a defect where nobody could be believed about it ("" otherwise).

    Two From fields, or two addresses in one, count as no address: different programs would show different people.
    """
    written = addresses(fields.written("from"))
    single = written[0] if len(written) == 1 and len(fields.written("from")) == 1 else None
    address = single.address if single and ADDRESS.fullmatch(single.address) else ""
    domain = normal_domain(address.rpartition("@")[2])
    verdict = authenticate(fields, gateway, domain)
    sender = Sender(
        address=address,
        display=written[0].display if written else "",
        domain=domain,
        authentication=verdict.authentication,
        vouched_by=verdict.vouched_by,
        reply_to=tuple(each.address for each in addresses(fields.written("reply-to"))),
        from_addresses=tuple(each.address for each in written),
        ignored_claims=verdict.ignored_claims,
    )
    return sender, verdict.defect


def authenticate(fields: Fields, gateway: str, domain: str) -> Verdict:
    """What the gateway said of a From domain ("" where there is none that can be relied on).

    Only Authentication-Results that name the gateway and stand above its own topmost Received field are the gateway's:
    fields are put on top, so whatever stands below came with the message (RFC 8601 section 5). DMARC decides; where it
    was not given, a DKIM signature of the domain, or of one that it belongs to, does.
    """
    border = _own_received(fields, gateway)
    results: list[_Result] = []
    ignored: list[str] = []
    for position, (name, _) in enumerate(fields.items):
        if name != "authentication-results":
            continue
        value = one_line(fields.value(position))
        server, found = _read(value)
        if border is not None and position < border and server == gateway.strip(".").lower():
            results += found
        else:
            ignored.append(value[:LONGEST_CLAIM])
    defect = ""
    if border is None and ignored:
        defect = "It carries no Received field of the force's own gateway, so no authentication result was believed."
    authentication, vouched_by = _judge(results, domain)
    return Verdict(authentication=authentication, vouched_by=vouched_by, ignored_claims=tuple(ignored), defect=defect)


def _own_received(fields: Fields, gateway: str) -> int | None:
    by = re.compile(rf"(?:^|\s)by\s+{re.escape(gateway.strip('.').lower())}\.?(?=[\s;(]|$)")
    for position, (name, _) in enumerate(fields.items):
        if name == "received" and by.search(_without_comments(fields.value(position).lower())):
            return position
    return None


def _judge(results: Sequence[_Result], domain: str) -> tuple[Authentication, str]:
    if not domain:
        return Authentication.NONE, ""
    dmarc = [each for each in results if each.method == "dmarc" and _about(each, "header.from") == domain]
    for outcome, authentication in (("fail", Authentication.FAIL), ("pass", Authentication.PASS)):
        for each in dmarc:
            if each.result == outcome:
                return authentication, each.said("header.from")
    if any(each.result != "none" for each in dmarc):
        return Authentication.NONE, ""
    for each in results:
        signer = _about(each, "header.d")
        if each.method == "dkim" and each.result == "pass" and "." in signer and is_within(domain, signer):
            return Authentication.PASS, each.said("header.d")
    return Authentication.NONE, ""


def _about(result: _Result, name: str) -> str:
    return normal_domain(result.properties.get(name, ""))


def _read(value: str) -> tuple[str, list[_Result]]:
    """The server that an Authentication-Results field names ("" for none, as Microsoft writes it), and its results."""
    statements = _without_comments(value).lower().split(";")
    server = SERVER.fullmatch(statements[0].strip())
    results: list[_Result] = []
    for statement in statements[1 if server else 0 :]:
        result = RESULT.match(statement.strip())
        if result:
            properties = {name: given.strip('"') for name, given in PROPERTY.findall(statement)}
            results.append(_Result(method=result[1], result=result[2], properties=properties))
    return (server[1].strip('"').strip(".") if server else ""), results


def _without_comments(value: str) -> str:
    """A structured value without its RFC 5322 comments, which may hold anything, semicolons and comments included."""
    kept: list[str] = []
    start, nesting, quoted = 0, 0, False
    for mark in COMMENT_MARK.finditer(value):
        if mark[0] == '"' and not nesting:
            quoted = not quoted
        elif mark[0] == "(" and not quoted:
            if not nesting:
                kept.append(value[start : mark.start()])
            nesting += 1
        elif mark[0] == ")" and nesting:
            nesting -= 1
            if not nesting:
                start = mark.end()
    if not nesting:
        kept.append(value[start:])
    return " ".join(kept)
