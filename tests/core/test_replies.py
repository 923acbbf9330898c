import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.delivery import DeliveryState
from inbox_router.core.replies import REPLY_CHARACTERS, enhanced_status, reply_words, state_of


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (250, DeliveryState.SENT),
        (251, DeliveryState.SENT),
        (421, DeliveryState.DEFERRED),
        (452, DeliveryState.DEFERRED),
        (550, DeliveryState.BOUNCED),
        (552, DeliveryState.BOUNCED),
        (530, DeliveryState.DEFERRED),
        (535, DeliveryState.DEFERRED),
        (-1, DeliveryState.DEFERRED),
        (354, DeliveryState.DEFERRED),
    ],
)
def test_only_a_5xx_about_the_message_itself_bounces_it(code: int, state: DeliveryState) -> None:
    assert state_of(code) is state


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        (550, "5.1.1 no such user", "5.1.1"),
        (451, "4.7.650 The mail server has been temporarily rate limited", "4.7.650"),
        (250, "OK", "2.0.0"),
        (550, "mailbox unavailable", "5.0.0"),
        (451, "5.1.1 contradicts its code", "4.0.0"),
        (550, "5.1.10.7 not a status", "5.0.0"),
        (550, "see 5.1.1", "5.0.0"),
        (-1, "", "4.0.0"),
    ],
)
def test_the_enhanced_status_is_the_servers_where_it_fits_the_code_and_never_empty(
    code: int, text: str, status: str
) -> None:
    assert enhanced_status(code, text) == status


def test_the_lines_of_a_reply_are_joined_and_its_status_is_kept_once() -> None:
    text = "5.7.1 Delivery not authorized,\n5.7.1 message refused\x00\x1b[31m\n\u202etxet"
    assert reply_words(text) == "5.7.1 Delivery not authorized, message refused [31m txet"


@given(st.text())
def test_a_reply_is_one_printable_line_of_bounded_length(text: str) -> None:
    words = reply_words(text)
    assert len(words) <= REPLY_CHARACTERS
    assert not any(character in words for character in "\r\n\x00\x1b\u2028\u202e")
