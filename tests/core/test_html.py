"""What a reader of an HTML body sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.html import visible_text


def seen(html: str) -> str:
    return visible_text(html).text


def test_blocks_and_line_breaks_part_lines() -> None:
    assert seen("<div>one</div><div>two<br>three</div>").split("\n") == ["one", "two", "three"]


def test_spaces_and_line_ends_in_the_source_mean_nothing() -> None:
    assert seen("<p>failed\r\n   to <b>ret</b>urn</p>") == "failed to return"


def test_preformatted_text_keeps_its_lines() -> None:
    assert seen("<pre>Name: A\nDOB: B</pre>") == "Name: A\nDOB: B"


def test_entities_are_decoded_and_hard_spaces_are_spaces() -> None:
    assert seen("<p>K&amp;D&nbsp;&lsquo;x&rsquo;</p>") == "K&D ‘x’"


def test_a_table_row_is_one_line_with_its_cells_parted_by_tabs() -> None:
    shown = visible_text("<table><tr><th>Name</th><td>Jo</td></tr><tr><td>DOB</td><td>1 May</td></tr></table>")
    assert shown.text == "Name\tJo\nDOB\t1 May"
    assert shown.has_tables


def test_an_address_over_several_lines_of_a_cell_reads_as_one() -> None:
    for cell in (
        "<p>2 Glovers Rise</p><p>Baildon</p><p>Shipley</p><p>BD17 6FN</p>",
        "2 Glovers Rise<br>Baildon<br>Shipley<br>BD17 6FN",
        "2 Glovers Rise,<br>Baildon,<br>Shipley,<br>BD17 6FN",
    ):
        row = f"<table><tr><td>Address</td><td>{cell}</td></tr></table>"
        assert seen(row) == "Address\t2 Glovers Rise, Baildon, Shipley, BD17 6FN"


def test_an_empty_cell_in_the_middle_keeps_its_place() -> None:
    assert seen("<table><tr><td>a</td><td></td><td>c</td></tr></table>") == "a\t\tc"


def test_a_table_that_only_lays_out_the_page_keeps_the_lines_inside_it() -> None:
    inner = "<table><tr><td>Name</td><td>Jo</td></tr></table>"
    shown = seen(f"<table><tr><td><img src=x></td><td><p>Dear all</p>{inner}<p>Thanks</p></td></tr></table>")
    assert [line for line in shown.split("\n") if line] == ["Dear all", "Name\tJo", "Thanks"]


def test_list_items_stand_on_lines_and_numbered_ones_have_their_numbers() -> None:
    assert seen("<ul><li>one<li>two</ul>") == "• one\n• two"
    assert seen("<ol><li>one<li>two</ol>") == "1. one\n2. two"


def test_hidden_text_is_left_out_and_told_of() -> None:
    for style in (
        "display:none",
        "DISPLAY : none !important",
        "visibility:hidden",
        "mso-hide:all",
        "font-size:0",
        "font-size:1px",
        "max-height:0;overflow:hidden",
        "opacity:0",
        "color:#fff",
        "color: white",
        "color:transparent",
        "height:0px; overflow:hidden",
    ):
        shown = visible_text(f'<p>seen</p><div style="{style}">emergency <b>recall</b></div>')
        assert (style, shown.text, shown.has_hidden_text) == (style, "seen", True)
    assert seen("<p>seen</p><p hidden>recall</p>") == "seen"


def test_text_hidden_by_a_class_of_the_messages_own_style_sheet_is_left_out() -> None:
    assert seen("<style>.pre { display: none }</style><div class='x pre'>hidden</div><p>seen</p>") == "seen"


def test_a_rule_for_other_screens_hides_nothing() -> None:
    sheet = "<style>@media (max-width:600px) { .wide { display:none } }</style>"
    assert seen(f"{sheet}<p class=wide>seen</p>") == "seen"


def test_styles_that_only_look_like_hiding_hide_nothing() -> None:
    for style in (
        "opacity:0.9",
        "font-size:10px",
        "font-size:1.2em",
        "background-color:#fff",
        "max-height:0.5em",
        "color:#fffaf0",
    ):
        assert seen(f'<p style="{style}">seen</p>') == "seen"


def test_white_words_on_a_dark_ground_are_seen() -> None:
    assert seen('<table bgcolor="#003366"><tr><td><font color="#ffffff">seen</font></td></tr></table>') == "seen"
    assert seen('<div style="background:#036;color:#fff">seen</div>') == "seen"
    assert seen('<body bgcolor="#ffffff"><font color="white">hidden</font>') == ""


def test_struck_out_words_are_left_out() -> None:
    struck = "<s>YES</s> <strike>YES</strike> <del>YES</del> <span style='text-decoration:line-through'>YES</span>"
    assert seen(f"<p>EMERGENCY {struck} NO</p>").split() == ["EMERGENCY", "NO"]


def test_boxes_show_whether_they_are_ticked() -> None:
    assert seen("<input type=checkbox checked>Yes <input type=CHECKBOX>No").split() == ["☒", "Yes", "☐", "No"]


def test_comments_scripts_styles_titles_and_picture_texts_are_no_text() -> None:
    hidden = "<title>t</title><style>p{x}</style><script>s</script><!-- c --><!--[if mso]>m<![endif]--><img alt=a>"
    assert seen(f"{hidden}<p>seen</p>") == "seen"


def test_quotations_marked_as_such_have_quote_marks_and_indents_have_not() -> None:
    assert seen("new<blockquote type=cite>old<blockquote class=gmail_quote>oldest</blockquote></blockquote>") == (
        "new\n> old\n> > oldest"
    )
    assert seen("<blockquote style='margin-left:40pt'>indented</blockquote>") == "indented"


def test_a_rule_across_the_page_is_a_divider() -> None:
    assert seen("above<hr>below").split("\n") == ["above", "_" * 32, "below"]


def test_nesting_without_end_is_read_without_harm() -> None:
    for tag in ("<div>", "<table><tr><td>", "<blockquote type=cite>", "<b>", "<ul><li>"):
        assert "deep" in seen(tag * 5_000 + "deep")


def test_more_elements_than_are_looked_at_are_told_of() -> None:
    assert visible_text("<p>x" * 60_000).is_cut


@given(st.text(alphabet=st.sampled_from("<>/=\"' abptdrhlivs&;#0!-\x00\n\ud800é"), max_size=200))
def test_no_markup_breaks_the_reading(html: str) -> None:
    assert "\x00" not in seen(html)
