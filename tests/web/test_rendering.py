"""Markdown of documents and replies becomes HTML that cannot do harm."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fakes import HOSTILE

from assistant.web.rendering import Allowed, Mark, highlighted, html, link, plain, safe_address

TAGS = re.compile(r"<(/?)([a-z0-9]+)([^<>]*)>")
HARMLESS = set("p br strong em ul ol li h4 div table thead tbody tr th td pre code blockquote hr a mark".split())
ATTRIBUTES = re.compile(
    r'(?: (?:href="(?:#|https://)[^"]*"|class="[a-z0-9]+"|title="[^"]*"|target="_blank"'
    r'|rel="noopener noreferrer nofollow"|tabindex="0"|style="text-align:(?:left|right|center)"'
    r'|start="\d+"))* ?/?'
)


def assert_harmless(made: str) -> None:
    """Assert that nothing but known tags with known attributes stands in the HTML, on one line."""
    assert "\n" not in made
    for _, tag, attributes in TAGS.findall(made):
        assert tag in HARMLESS, tag
        assert ATTRIBUTES.fullmatch(attributes), attributes
    assert "<" not in TAGS.sub("", made)


def test_lists_tables_and_emphasis_render() -> None:
    """Lists, tables and bold words keep their form."""
    made = html("**Now**\n\n- one\n- two\n\n| A | B |\n|---|---|\n| 1 | 2 |")
    assert "<strong>Now</strong>" in made
    assert made.count("<li>") == 2
    assert "<td>2</td>" in made


def test_a_mark_becomes_a_link_only_if_it_has_a_source() -> None:
    """``[1]`` leads to its source, and ``[9]``, which has none, stays text."""
    made = html("So it is [1], not [9].", Allowed(marks={1: Mark("s1-1", 'A "title"')}))
    assert '<a class="mark" href="#s1-1" title="A &quot;title&quot;">1</a>' in made
    assert "[9]" in made


def test_adjacent_marks_are_two_links() -> None:
    """``[1][2]`` is two marks, not a reference."""
    made = html("So. [1][2]", Allowed(marks={1: Mark("s1-1", "A"), 2: Mark("s1-2", "B")}))
    assert made.count('class="mark"') == 2


def test_hostile_markdown_is_text() -> None:
    """Scripts, images, frames, definitions and diagrams of a document do nothing."""
    made = html(HOSTILE, Allowed(marks={1: Mark("s1-1", "A")}))
    assert_harmless(made)
    assert 'href="https://evil' not in made
    assert "&lt;script&gt;" in made


def test_only_addresses_of_the_source_are_links() -> None:
    """A link to the cited source opens, another one is shown as words with its address."""
    allowed = Allowed(addresses=frozenset({"https://gov.example/a"}))
    made = html("[here](https://gov.example/a) and [there](https://evil.example/b) and [up](poland#visa)", allowed)
    assert '<a href="https://gov.example/a" target="_blank" rel="noopener noreferrer nofollow">here</a>' in made
    assert "there (https://evil.example/b)" in made
    assert "old (http://evil.example/c)" in html("[old](http://evil.example/c)", allowed)
    assert made.count("<a ") == 1


@given(st.text(alphabet=st.sampled_from(list("ab <>&\"'`*_[]()!#|-\n\\:/@~$⸨⸩1.")), max_size=120))
def test_no_text_makes_a_tag_of_its_own(text: str) -> None:
    """Whatever characters a text is made of, only our own tags come out."""
    assert_harmless(html(text, Allowed(marks={1: Mark("s1-1", text)})))
    assert_harmless(highlighted(text, [(1, text[:7])]))
    assert_harmless(plain(text))


def test_a_quote_in_a_sentence_is_highlighted() -> None:
    """The quoted words of a paragraph are marked, also next to bold words."""
    made = highlighted("First. **Second one.** Third.", [(1, "**Second one.**")])
    assert '<mark class="q1"><strong>Second one.</strong></mark>' in made


def test_a_quoted_row_is_highlighted_cell_by_cell() -> None:
    """A quoted table row is marked in each of its cells, and the table stays a table."""
    made = highlighted("| A | B |\n|---|---|\n| one | two |", [(2, "one | two")])
    assert '<td><mark class="q2">one</mark></td>' in made
    assert '<td><mark class="q2">two</mark></td>' in made


def test_a_quoted_item_with_nested_lines_stays_a_list() -> None:
    """A quoted list item is marked line by line, without its markers."""
    text = "- Outer words\n  - inner words\n- Other"
    made = highlighted(text, [(1, "Outer words\n  - inner words")])
    assert '<mark class="q1">Outer words</mark>' in made
    assert '<mark class="q1">inner words</mark>' in made
    assert made.count("<li>") == 3


def test_two_quotes_are_told_apart_and_overlaps_are_marked_once() -> None:
    """Each quote has its number; what overlaps is marked for the first only."""
    made = highlighted("One two three four.", [(1, "One two"), (2, "two three"), (3, "four.")])
    assert re.findall(r"q(\d)", made) == ["1", "3"]


def test_the_texts_own_highlight_brackets_are_ordinary() -> None:
    """A document cannot open a highlight by itself."""
    assert "<mark" not in highlighted("⸨1⸩ fake ⸨/⸩", [])


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://www.gov.pl/a?b=c", True),
        ("http://www.gov.pl", False),
        ("javascript:alert(1)", False),
        ("https://user@evil.example", False),
        ('https://a.example/"onclick=', False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_plain_https_addresses_are_safe(address: str, safe: bool) -> None:
    """An address is linked only if it is plain https."""
    assert bool(safe_address(address)) is safe
    assert ("<a " in link(address, "words")) is safe


def test_a_question_is_shown_letter_for_letter() -> None:
    """A question is text: no HTML, no Markdown, line breaks kept."""
    assert plain("**a** <b>\nc") == "<p>**a** &lt;b&gt;<br>c</p>"


@pytest.mark.parametrize("piece", ["[", "*", "|", "<", "`", "![", "[1]", "\\", "> ", "- ", "(", "⸨1⸩"])
def test_long_repetitions_take_no_time(piece: str) -> None:
    """Rendering 10,000 repetitions of anything stays far below a second."""
    started = time.process_time()
    highlighted(piece * 10_000, [(1, piece * 100)])
    assert time.process_time() - started < 2


def test_a_link_to_a_section_leads_into_the_library() -> None:
    """Where documents may link to one another, a section's id is a link; elsewhere it is words."""
    text = "See [the rules](regulations/mevlana#gpa), not [this](javascript:alert(1)) or [that](../../etc/passwd)."
    made = html(text, Allowed(library="kk"))
    assert '<a class="here" href="/kk/library/regulations/mevlana#gpa">the rules</a>' in made
    assert made.count("<a") == 1
    assert "<a" not in html(text)


def test_a_quoted_table_stays_a_table() -> None:
    """The line below a table's head gets no mark, because with one it would be no table any more."""
    table = "| What | Sum |\n|---|:-:|\n| Dormitory | 70 |"
    made = highlighted(f"Figures:\n\n{table}\n", [(1, table)])
    assert "<table>" in made
    assert made.count("<mark") == 4
    assert "---" not in made
