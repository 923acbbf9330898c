"""Domains and addresses as people write them in lists and in the configuration."""

from __future__ import annotations

import re

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def is_domain(text: str) -> bool:
    """Whether this is a domain name of two labels or more."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether this is an addr-spec (RFC 5322) with a plain local part of ASCII characters."""
    local, _, domain = text.rpartition("@")
    return len(local) <= 64 and _LOCAL_PART.fullmatch(local) is not None and is_domain(domain)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def meant(text: str) -> str:
    """A hint for a text that is neither domain nor address."""
    bare = re.sub(r"^(?:https?://)?(?:\*?[@.])?(?:www\.)?", "", text.strip()).rstrip("/.").strip("<>")
    if is_domain(bare) or is_address(bare):
        return f"write instead: {bare}" + ("" if "@" in bare else " (its subdomains belong to it)")
    return "write a domain such as justice.gov.uk, or an address such as duty@justice.gov.uk"
