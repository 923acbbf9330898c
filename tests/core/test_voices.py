"""Whose words a body holds, how old they are, and which of them are no news."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.message import Kind, Passage
from inbox_router.core.voices import voices


def said(text: str, kind: Kind, depth: int = 0) -> str:
    """Everything that the passages of one kind and depth hold."""
    return "\n".join(each.text for each in voices(text) if (each.kind, each.depth) == (kind, depth))


NOTICE = """\
Recall notification
Name:                Wayne MOORCROFT
Last known address:  62 Cloth Hall Lane, Batley, WF17 6JD"""

OUTLOOK = f"""\
Not one of ours, can you send it on please.

PC 4471 Danny Osgood
Wakefield District Intelligence

________________________________
From: Recall Team 3 <recall.team3@prisons.example>
Sent: 17 November 2026 19:04
To: E Division Intel <e.division@force.example>
Subject: Recall Notification - MOORCROFT Wayne

{NOTICE}
"""


def test_what_outlook_quotes_is_the_older_message_and_what_stands_above_is_the_newest() -> None:
    assert said(OUTLOOK, Kind.OWN) == "Not one of ours, can you send it on please."
    assert said(OUTLOOK, Kind.SIGNATURE) == "PC 4471 Danny Osgood\nWakefield District Intelligence"
    quoted = said(OUTLOOK, Kind.QUOTED, 1)
    assert quoted.endswith(NOTICE)
    assert "Subject: Recall Notification - MOORCROFT Wayne" in quoted


def test_the_subject_of_a_quoted_message_belongs_to_the_quoted_words() -> None:
    assert "MOORCROFT" not in said(OUTLOOK, Kind.OWN)


def test_a_header_block_in_welsh_begins_an_older_message() -> None:
    text = "Gweler isod.\n\nOddi wrth: Tîm\nAnfonwyd: 3 Tachwedd 2026 10:00\nAt: Desg\nPwnc: Hysbysiad\n\nGeiriau hŷn"
    assert said(text, Kind.OWN) == "Gweler isod."
    assert said(text, Kind.QUOTED, 1).endswith("Geiriau hŷn")


def test_header_blocks_are_known_in_other_languages_too() -> None:
    for header in (
        "Von: A\nGesendet: Montag\nAn: B\nBetreff: C",
        "De : A\nEnvoyé : lundi\nÀ : B\nObjet : C",
        "Van: A\nVerzonden: maandag\nAan: B\nOnderwerp: C",
        "*From:* A\n*Sent:* Monday\n*To:* B\n*Subject:* C",
    ):
        assert said(f"new\n\n{header}\n\nold", Kind.OWN) == "new"


def test_each_further_header_block_is_one_message_older() -> None:
    block = "From: A\nSent: 1 May 2026\nTo: B\nSubject: C\n"
    found = voices(f"newest\n\n{block}\nolder\n\n{block}\noldest")
    assert [(each.depth, each.text.split("\n")[-1]) for each in found] == [(0, "newest"), (1, "older"), (2, "oldest")]


def test_a_divider_alone_begins_an_older_message() -> None:
    assert said("new\n\n-----Original Message-----\nold", Kind.QUOTED, 1) == "-----Original Message-----\nold"


def test_an_underscore_rule_with_nothing_of_mail_below_it_divides_nothing() -> None:
    assert "below" in said("above\n____________________\nbelow", Kind.OWN)


def test_gmail_attributions_mark_what_they_quote_even_where_they_are_wrapped() -> None:
    wrapped = "On Mon, 2 Nov 2026 at 10:01, Recall Team Number Three\n<team@prisons.example> wrote:"
    text = f"Please cancel.\n\n{wrapped}\n\n> old\n"
    assert said(text, Kind.OWN) == "Please cancel."
    assert said(text, Kind.QUOTED, 1).endswith("old")


def test_an_attribution_without_quote_marks_counts_where_it_names_a_moment() -> None:
    assert said("new\n\nOn 24 Nov 2026, at 13:02, Josh wrote:\nold", Kind.OWN) == "new"
    assert "note" in said("On Tuesday the prisoner wrote:\nthe note that follows", Kind.OWN)


def test_quote_marks_count_how_old_the_words_are_and_are_not_part_of_them() -> None:
    found = voices("new\n> older\n>> oldest\n> > oldest too")
    assert [(each.depth, each.text) for each in found] == [(0, "new"), (1, "older"), (2, "oldest\noldest too")]


def test_words_below_a_quotation_are_the_newest_again() -> None:
    assert said("> Is he in?\n\nYes, since Monday.", Kind.OWN) == "Yes, since Monday."


def test_a_header_block_inside_quote_marks_does_not_make_the_words_older_than_the_marks_do() -> None:
    text = "FYI\n\n> From: A\n> Sent: 22 November 2026\n> To: B\n> Subject: C\n>\n> old"
    assert said(text, Kind.QUOTED, 1).endswith("old")


def test_a_header_block_whose_message_follows_behind_quote_marks_counts_once() -> None:
    text = "new\n\n-----Original Message-----\nFrom: A\nSent: 1 May 2026\nTo: B\nSubject: C\n\n> old words\n> more"
    assert said(text, Kind.QUOTED, 1).endswith("old words\nmore")


def test_a_memo_with_a_date_line_is_still_ones_own_words() -> None:
    memo = "From: Head of Security\nTo: Force Intelligence\nDate: 3 November 2026\nSubject: Visits\n\nHe was seen."
    assert said(memo, Kind.OWN) == memo


def test_a_nested_message_that_begins_with_its_own_header_is_not_made_older_by_it() -> None:
    found = voices("From: A <a@b.example>\nDate: today\nTo: B\nSubject: C\n\nwords", depth=1)
    assert {each.depth for each in found} == {1}


def test_a_closing_and_the_name_block_below_it_are_a_signature() -> None:
    office = "3rd floor, Croydon CR0 1XG | 020 7946 0418"
    block = f"Kind regards\n\nNatalie Whitlow\n\nRecall Case Manager | Casework\n\n{office}"
    assert said(f"He is wanted.\n\n{block}", Kind.SIGNATURE) == block
    assert said(f"He is wanted.\n\n{block}", Kind.OWN) == "He is wanted."


def test_a_signature_without_a_closing_is_known_by_rank_office_or_telephone() -> None:
    for block in (
        "Glenn Ferris\nDurham FIB\nDL1 5TU",
        "HMP Thorn Cross, Arley Road, Appleton Thorn, Warrington WA4 4RL",
        "PPCS, Croydon CR0 1XG",
        "L. Fenn\nImmigration Officer\n07700 900533",
        "Duty caseworker, PPCS, CR0 1XG",
    ):
        assert said(f"Please see the below.\n\n{block}", Kind.SIGNATURE) == block


def test_a_form_below_a_closing_is_news() -> None:
    text = f"Form below.\n\nRegards\nColette\n\n{NOTICE}"
    assert NOTICE in said(text, Kind.OWN)
    assert said(text, Kind.SIGNATURE) == "Regards\nColette"


def test_a_form_in_the_same_paragraph_as_the_closing_is_news() -> None:
    assert "Name: John MOORCROFT" in said("See below.\n\nRegards\nName: John MOORCROFT\nDOB: 01/02/1990", Kind.OWN)


def test_a_table_below_a_signature_is_news() -> None:
    row = "Last known address\t2 Glovers Rise, Baildon, BD17 6FN"
    assert row in said(f"As asked.\n\nMany thanks\nBeth\nProbation Officer\n\n{row}", Kind.OWN)


def test_an_address_that_was_announced_is_news_though_it_looks_like_a_signature() -> None:
    address = "Mrs J Prior\n21 Laithe Hey\nGolcar\nHuddersfield HD7 4TU"
    assert address in said(f"He is required to live at:\n\n{address}", Kind.OWN)
    assert address in said(f"He went there last night.\n\n{address}", Kind.OWN)


def test_a_person_named_as_cases_are_is_news_whatever_the_street_is_called() -> None:
    person = "John DOVER\n12 Police Street\nLeeds\nLS1 2AB"
    assert person in said(f"URGENT\n\n{person}", Kind.OWN)


def test_an_afterthought_below_a_signature_is_news() -> None:
    signed = "Seen.\n\nMany thanks\nGillian Thwaite\nROTL Clerk"
    for afterthought in ("PS he has moved to Otley", "Recall now cancelled", "Please ring me", "He has a dog"):
        assert afterthought in said(f"{signed}\n\n{afterthought}", Kind.OWN)


def test_a_campaign_line_below_a_signature_is_none() -> None:
    signed = "Seen.\n\nMany thanks\nGillian Thwaite\nROTL Clerk"
    slogan = "ROTL - Release On Temporary Licence - helping people back into the community."
    assert said(f"{signed}\n\n{slogan}", Kind.DISCLAIMER) == slogan


def test_remarks_above_an_unannounced_signature_stay_news() -> None:
    text = "FYI\n\nThink they have used an old list.\n\nAlan Sower | PC 3390 | Fylde NPT"
    assert said(text, Kind.OWN) == "FYI\n\nThink they have used an old list."


def test_confidentiality_texts_are_disclaimers_with_the_rows_of_stars_around_them() -> None:
    notice = (
        "*****************************\nThe information in this e-mail is confidential and is meant for the addressee\n"
        "only. Crimestoppers 0800 555 111.\n*****************************"
    )
    assert said(f"Now arrested.\n\n{notice}", Kind.DISCLAIMER) == notice
    assert said(f"Now arrested.\n\n{notice}", Kind.OWN) == "Now arrested."


def test_a_handling_instruction_is_news_and_no_disclaimer() -> None:
    text = "CONDITIONS: For the Head of Intelligence only. Not to be disseminated further without written consent."
    assert said(f"Report\n\n{text}", Kind.OWN).endswith(text)


def test_a_charity_footer_at_the_end_is_a_disclaimer_and_a_story_about_ringing_it_is_not() -> None:
    footer = "Information can be given anonymously to Crimestoppers on 0800 555 111."
    assert said(f"Report\n\n{footer}", Kind.DISCLAIMER) == footer
    story = "I rang Crimestoppers on 0800 555 111 about my neighbour."
    assert said(f"Dear Sirs\n\n{story}", Kind.OWN).endswith(story)


def test_a_gateway_warning_at_the_top_is_a_banner_and_the_next_line_is_not() -> None:
    banner = "CAUTION: This email originated from outside of the force. Do not click links or open attachments."
    assert said(f"{banner}\nHe was seen.", Kind.BANNER) == banner
    assert said(f"{banner}\nHe was seen.", Kind.OWN) == "He was seen."
    assert said("[EXTERNAL]\n\nwords", Kind.BANNER) == "[EXTERNAL]"


def test_lines_that_telephones_add_are_disclaimers() -> None:
    assert said("Attached.\n\nSent from my iPhone", Kind.DISCLAIMER) == "Sent from my iPhone"


def test_a_quoted_messages_signature_is_told_apart_at_its_own_depth() -> None:
    text = "new\n\nFrom: A\nSent: 1 May 2026\nTo: B\nSubject: C\n\nold\n\nRegards\nPaul Nettle\nHMP North Sea Camp"
    assert said(text, Kind.SIGNATURE, 1) == "Regards\nPaul Nettle\nHMP North Sea Camp"


def test_a_marking_below_a_signature_does_not_hide_the_signature() -> None:
    text = "Please pass on.\n\nJill Trant\nSecurity, HMP Moorland DN7 6BW\n\nOFFICIAL-SENSITIVE"
    assert said(text, Kind.SIGNATURE) == "Jill Trant\nSecurity, HMP Moorland DN7 6BW"


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("", "", "Regards", "Many thanks,", "-- ", "Jane Roe", "DC 1234 | FIB | 01632 960001", "> old"),
                *(">> older", "From: A <a@b.example>", "Sent: 1 May 2026", "To: B", "Subject: C", "*****"),
                *("-----Original Message-----", "On 1 May 2026 at 10:00, A wrote:", "________________", "OFFICIAL"),
                *("This e-mail is confidential. If received in error", "[EXTERNAL]", "Sent from my iPhone"),
                *("Name:\tJohn DOE", "He was seen at 10."),
            ]
        ),
        st.text(max_size=40).map(lambda text: " ".join(text.split())),
    ),
    max_size=40,
)


@given(LINES)
def test_no_line_is_lost_and_none_is_said_twice(lines: list[str]) -> None:
    passages = voices("\n".join(lines))
    assert _bare("\n".join(lines)) == _bare("\n".join(_texts(passages)))


def _texts(passages: list[Passage]) -> list[str]:
    return [each.text for each in passages]


def _bare(text: str) -> list[str]:
    bare = (line.strip().lstrip("> ").strip() for line in text.split("\n"))
    return [line for line in bare if line]
