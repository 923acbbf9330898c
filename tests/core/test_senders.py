"""Who a message is from, and whose word on that is taken."""

from __future__ import annotations

import pytest

from inbox_router.core.fields import Fields
from inbox_router.core.message import Authentication, Sender
from inbox_router.core.senders import group_of, lookalike_of, normal_domain, sender_of

GATEWAY = "mx.force.example"
BORDER = ("received", b"from out.elsewhere.example (192.0.2.1) by mx.force.example (Postfix) with ESMTPS id 1; Mon")
INTERNAL = ("received", b"from mx.force.example (10.0.0.1)\n\tby mbx03.force.example with LMTP id 2; Mon")
FROM = ("from", b'"Desk" <desk@justice.gov.uk>')


def result(value: str) -> tuple[str, bytes]:
    return "authentication-results", value.encode()


def sender(*items: tuple[str, bytes]) -> Sender:
    return sender_of(Fields(items), GATEWAY)[0]


PASS = result("mx.force.example; spf=pass smtp.mailfrom=x.example; dmarc=pass header.from=justice.gov.uk")


def test_the_gateways_own_result_above_its_received_field_is_believed() -> None:
    found = sender(INTERNAL, PASS, BORDER, FROM)
    assert found.authentication is Authentication.PASS
    assert found.vouched_by == "dmarc=pass header.from=justice.gov.uk"
    assert found.ignored_claims == ()


def test_a_result_below_the_gateways_received_field_came_with_the_message() -> None:
    found = sender(INTERNAL, BORDER, PASS, FROM)
    assert found.authentication is Authentication.NONE
    assert found.ignored_claims == (PASS[1].decode(),)


def test_a_forged_received_field_of_the_gateway_further_down_vouches_for_nothing() -> None:
    assert sender(BORDER, PASS, BORDER, FROM).authentication is Authentication.NONE


def test_another_servers_result_is_never_believed() -> None:
    for other in ("mx.justice.gov.uk", "mx.force.example.evil.example", "evil.example"):
        forged = result(f"{other}; dmarc=pass header.from=justice.gov.uk")
        assert sender(forged, BORDER, FROM).authentication is Authentication.NONE


def test_a_result_without_a_server_name_is_never_believed() -> None:
    microsoft = result("dkim=pass header.d=justice.gov.uk;dmarc=pass action=none header.from=justice.gov.uk;")
    assert sender(microsoft, BORDER, FROM).authentication is Authentication.NONE


def test_where_the_gateway_left_no_received_field_nobody_is_believed_and_the_reason_is_given() -> None:
    found, defect = sender_of(Fields((PASS, FROM)), GATEWAY)
    assert found.authentication is Authentication.NONE
    assert "no Received field" in defect


@pytest.mark.parametrize(
    "value",
    [
        "{0} 1; dkim=pass (2048-bit key; unprotected) header.d=justice.gov.uk; dmarc=pass header.from=justice.gov.uk",
        "MX.Force.Example;\n\tspf=pass (sender IP is 192.0.2.1);\n\tdmarc=pass (p=reject) header.from=justice.gov.uk",
        '{0}; dkim=pass reason="good; key" header.d=x.example; dmarc=pass (Used Record) header.from=justice.gov.uk',
        "{0} (our; own (nested) gateway); dmarc=pass header.from=JUSTICE.gov.uk policy.dmarc=none",
        "{0}; dmarc = pass header.from = justice.gov.uk",
    ],
)
def test_results_are_read_however_gateways_write_them(value: str) -> None:
    assert sender(result(value.format(GATEWAY)), BORDER, FROM).authentication is Authentication.PASS


def test_words_in_a_comment_are_no_result() -> None:
    hidden = result("mx.force.example; spf=none (x; dmarc=pass header.from=justice.gov.uk) smtp.mailfrom=a.example")
    assert sender(hidden, BORDER, FROM).authentication is Authentication.NONE


def test_several_fields_of_the_gateway_count_together() -> None:
    first = result("mx.force.example; spf=pass smtp.mailfrom=justice.gov.uk")
    assert sender(first, PASS, BORDER, FROM).authentication is Authentication.PASS


def test_a_failure_outweighs_a_pass() -> None:
    failed = result("mx.force.example; dmarc=fail action=none header.from=justice.gov.uk")
    found = sender(failed, PASS, BORDER, FROM)
    assert found.authentication is Authentication.FAIL
    assert found.vouched_by == "dmarc=fail header.from=justice.gov.uk"


def test_a_pass_for_another_domain_says_nothing_of_this_one() -> None:
    other = result("mx.force.example; dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example")
    assert sender(other, BORDER, FROM).authentication is Authentication.NONE


def test_a_signature_of_the_domain_or_its_parent_counts_where_dmarc_was_not_given() -> None:
    address = ("from", b"no-reply@digital.justice.gov.uk")
    signed = result("mx.force.example; dkim=pass header.d=justice.gov.uk")
    assert sender(signed, BORDER, address).authentication is Authentication.PASS
    child = result("mx.force.example; dkim=pass header.d=mail.justice.gov.uk")
    assert sender(child, BORDER, FROM).authentication is Authentication.NONE
    top = result("mx.force.example; dkim=pass header.d=uk")
    assert sender(top, BORDER, FROM).authentication is Authentication.NONE


def test_a_signature_does_not_make_up_for_a_doubtful_dmarc_result() -> None:
    doubtful = result("mx.force.example; dkim=pass header.d=justice.gov.uk; dmarc=temperror header.from=justice.gov.uk")
    assert sender(doubtful, BORDER, FROM).authentication is Authentication.NONE


def test_spf_alone_vouches_for_nobody() -> None:
    spf = result("mx.force.example; spf=pass smtp.mailfrom=justice.gov.uk")
    assert sender(spf, BORDER, FROM).authentication is Authentication.NONE


def test_two_from_fields_or_two_addresses_are_no_address_at_all() -> None:
    for fields in (
        (FROM, ("from", b"other@evil.example")),
        (("from", b"desk@justice.gov.uk, other@evil.example"),),
        (("from", b"<desk@justice.gov.uk> <other@evil.example>"),),
    ):
        found = sender(PASS, BORDER, *fields)
        assert (found.address, found.domain, found.authentication) == ("", "", Authentication.NONE)
        assert found.from_addresses == ("desk@justice.gov.uk", "other@evil.example")


def test_a_display_name_that_shows_another_address_stays_a_name() -> None:
    found = sender(("from", b'"desk@justice.gov.uk" <me@evil.example>'))
    assert (found.display, found.address) == ("desk@justice.gov.uk", "me@evil.example")


def test_an_encoded_display_name_cannot_bring_in_an_address() -> None:
    found = sender(("from", b"=?utf-8?q?a=40justice=2Egov=2Euk=2C_x?= <me@evil.example>"))
    assert (found.display, found.address) == ("a@justice.gov.uk, x", "me@evil.example")


@pytest.mark.parametrize("value", [b"", b"nobody", b"foo <", b"\x80<", b"@", b"(((", b'"', b"undisclosed:;", b"a@b@c"])
def test_a_from_field_that_makes_no_sense_is_no_address(value: bytes) -> None:
    assert sender(("from", value)).address == ""


def test_reply_addresses_are_kept_apart() -> None:
    assert sender(FROM, ("reply-to", b'"Desk" <Desk@Casework.example>')).reply_to == ("desk@casework.example",)


def test_domains_have_one_form() -> None:
    assert normal_domain("Kent.PNN.police.uk.") == "kent.police.uk"
    assert normal_domain("xn--police-4of.uk") == normal_domain("XN--POLICE-4OF.UK")
    assert normal_domain("xn--mnchen-3ya.example") == "münchen.example"
    assert normal_domain("xn--\x00.example") == "xn--\x00.example"


GROUPS = {
    "prisons": ("justice.gov.uk", "hmps.gov.uk"),
    "partners": ("gov.uk", "nhs.net"),
    "named": ("one.person@kirklees.gov.uk",),
}


def test_the_longest_domain_decides_the_group_and_an_address_before_any_domain() -> None:
    assert group_of("a@leeds.hmps.gov.uk", "leeds.hmps.gov.uk", GROUPS) == "prisons"
    assert group_of("a@kirklees.gov.uk", "kirklees.gov.uk", GROUPS) == "partners"
    assert group_of("One.Person@kirklees.gov.uk", "kirklees.gov.uk", GROUPS) == "named"
    assert group_of("a@notjustice.gov.example", "notjustice.gov.example", GROUPS) is None
    assert group_of("", "", GROUPS) is None


@pytest.mark.parametrize(
    ("domain", "known"),
    [
        ("justice-gov.uk", "justice.gov.uk"),
        ("justice.gov.uk.example.com", "justice.gov.uk"),
        ("poIice.uk", "police.uk"),
        ("kent.poIice.uk", "police.uk"),
        ("рolice.uk", "police.uk"),
        ("police.uk-login.example", "police.uk"),
        ("justicegov.uk", "justice.gov.uk"),
        ("crirnestoppers-uk.org", "crimestoppers-uk.org"),
        ("just1ce.gov.uk.example", None),
    ],
)
def test_domains_made_to_be_mistaken_for_a_known_one(domain: str, known: str | None) -> None:
    trusted = ["justice.gov.uk", "police.uk", "crimestoppers-uk.org"]
    assert lookalike_of(normal_domain(domain), trusted) == known


def test_a_known_domain_its_subdomains_and_strangers_look_like_nothing() -> None:
    known = ["justice.gov.uk", "gov.uk", "police.uk"]
    for domain in ("justice.gov.uk", "leeds.hmps.gov.uk", "kent.police.uk", "webmail.example", "policy.example", ""):
        assert lookalike_of(domain, known) is None
