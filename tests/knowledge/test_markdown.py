"""Markdown to passages: offsets, sections, forms, and nothing lost."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.cleaning import clean
from assistant.knowledge.markdown import Reading, read_curated, read_plain
from assistant.types import Passage

LONG = "This sentence only fills the page so that the document is long enough. " * 25


def _plain(text: str) -> Reading:
    return read_plain(text, document="notes/p1", language="en", title="p1.md")


def _curated(text: str) -> Reading:
    return read_curated(text, document="research/p", language="en", title="T", asked_as={"a": ("Why?",)})


def _quotes(passage: Passage) -> list[tuple[str, str, int]]:
    return [(passage.quote(one), one.form, one.block) for one in passage.sentences]


MIXED = """## Question? {#a}

First sentence. Second one
goes on: of course.

- one item. It has two sentences.
  - nested
- two
1. first
2) other

### Sub-heading {#sub}

| Grade | Points |
|---|:-:|
| A | 4.0 |
| B \\| C | |

> Quoted text. More
> of it.

```python
x = 1
y = 2
```
"""


def test_every_form_is_told() -> None:
    """Paragraphs, items, rows, sub-headings, quotes and code become sentences of their form."""
    reading = _curated(MIXED)
    assert reading.faults == ()
    (passage,) = reading.passages
    assert _quotes(passage) == [
        ("First sentence.", "prose", 0),
        ("Second one\ngoes on: of course.", "prose", 0),
        ("one item. It has two sentences.\n  - nested", "item", 1),
        ("two", "item", 1),
        ("first", "item", 2),
        ("other", "item", 3),
        ("Sub-heading", "heading", 4),
        ("A | 4.0", "row", 5),
        ("B \\| C |", "row", 5),
        ("Quoted text.", "prose", 6),
        ("More\n> of it.", "prose", 6),
        ("x = 1", "prose", 7),
        ("y = 2", "prose", 7),
    ]
    assert [block.form for block in passage.blocks] == [
        "paragraph", "list", "list", "list", "paragraph", "table", "paragraph", "paragraph",
    ]  # fmt: skip
    table = passage.blocks[5]
    assert passage.text[table.start : table.end].startswith("| Grade | Points |")
    assert (passage.heading, passage.anchor, passage.context, passage.asked_as) == (
        "Question?",
        "a",
        ("T",),
        ("Why?",),
    )


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("\nEarly.\n\n## Q {#a}\nText.", 2, "above the first section"),
        ("# Title\n\n## Q {#a}\nText.", 1, "above the first section"),
        ("## Q\nText.", 1, "no anchor"),
        ("## Q {#A b}\nText.", 1, "a-z"),
        ("## Q {#a}\nText.\n\n## R {#a}\nText.", 4, "twice"),
        ("## Q {#a}\n\n## R {#b}\nText.", 1, "no text below"),
        ("## {#a}\nText.", 1, "without words"),
    ],
)
def test_curated_faults_name_their_line(text: str, line: int, hint: str) -> None:
    """Each breach of the curated form is one fault with its line and the way out."""
    faults = _curated(text).faults
    assert len(faults) == 1
    assert faults[0][0] == line
    assert hint in faults[0][1]


def test_a_short_file_stays_one_passage() -> None:
    """A user's file under 1,500 characters is one passage, its sub-headings included."""
    text = "Call the office.\n\n# Later\n\nRoom 5."
    (passage,) = _plain(text).passages
    assert (passage.start, passage.text, passage.heading, passage.anchor) == (0, text, "", "top")
    assert _quotes(passage)[1] == ("Later", "heading", 1)
    assert passage.context == ("p1.md",)


def test_the_first_heading_is_title_and_heading() -> None:
    """A level-one heading at the very start names the document and its first section."""
    reading = _plain("# Visa\n\nApply early.\n\n## Fee\n\nIt is free.")
    (passage,) = reading.passages
    assert reading.title == "Visa"
    assert (passage.heading, passage.context, passage.anchor) == ("Visa", (), "visa")
    assert passage.text == "Apply early.\n\n## Fee\n\nIt is free."


def test_a_long_file_is_cut_at_every_heading() -> None:
    """Sections carry the headings above them, and anchors are unique and Latin."""
    text = f"# Виза\n\n{LONG}\n\n## Құжаттар тізімі\n\nA.\n\n### Fee\n\nB.\n\n## Fee\n\nC.\n\n## 东京\n\nD."
    passages = _plain(text).passages
    assert [(p.anchor, p.context) for p in passages] == [
        ("viza", ()),
        ("quzhattar-tizimi", ("Виза",)),
        ("fee", ("Виза", "Құжаттар тізімі")),
        ("fee-2", ("Виза",)),
        ("section", ("Виза",)),
    ]


def test_text_above_the_first_heading_is_a_section() -> None:
    """In a long file it has no heading and the anchor ``top``."""
    first, second = _plain(f"Early.\n\n## Top\n\n{LONG}").passages
    assert (first.heading, first.anchor, first.text) == ("", "top", "Early.")
    assert second.anchor == "top-2"


@pytest.mark.parametrize(
    "text",
    [
        "[visa]: https://a.kz 'Words kept'",
        ">" * 40 + " deep words",
        "    indented words",
        "<div>\nwords\n</div>",
        "| head words |\n|---|",
        "a very long underlined line of words\nand another one\n---",
        "```\nunclosed words",
        "> - item words\n> - more words",
        "- - - nested words",
        "word " * 70 + "\n===",
    ],
)
def test_odd_markdown_is_not_lost(text: str) -> None:
    """Every word of odd Markdown can be quoted."""
    quoted = " ".join(quote for p in _plain(text).passages for quote, _, _ in _quotes(p))
    assert re.findall(r"\w{4,}", quoted) == re.findall(r"\w{4,}", text)


LINES = st.sampled_from(
    ["# H", "## Q {#a}", "### S", "text. More.", "- item", "  - nested", "1. one", "| a | b |", "|---|---|", "> quote", "```",
     "~~~py", "    code", "<b>", "</b>", "", "", "***", "===", "---", "[a]: http://x", "\tтаб", "> > - x", "|", "-", "#", ">",
     "Сөйлем т.б. Келесі.", "\u00a0", "   - x", "10) y", "- ```", "x" * 200 + " end.", "> | a |\n> |---|\n> | b |"]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(LINES, max_size=40).map("\n".join)).map(clean)
SYNTAX = re.compile(r"\A[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t>]*)*(?:[`~]{3,}.*|#+|#+.*\{#.*\}.*)?\Z")


@given(TEXTS, st.booleans())
def test_offsets_spell_the_document(text: str, curated: bool) -> None:
    """Passages, blocks and sentences are literal stretches, in order and inside one another."""
    reading = _curated(text) if curated else _plain(text)
    for passage in reading.passages:
        assert text[passage.start : passage.start + len(passage.text)] == passage.text
        position = 0
        for sentence in passage.sentences:
            block = passage.blocks[sentence.block]
            assert position <= sentence.start < sentence.end
            assert block.start <= sentence.start
            assert sentence.end <= block.end <= len(passage.text)
            assert passage.quote(sentence) == passage.quote(sentence).strip()
            position = sentence.end
    assert len({passage.anchor for passage in reading.passages}) == len(reading.passages)


@given(TEXTS)
def test_no_word_is_lost(text: str) -> None:
    """What no sentence covers is syntax, a table's head, or a heading of a section."""
    passages = _plain(text).passages
    for passage in passages:
        rest = list(passage.text)
        for sentence in passage.sentences:
            rest[sentence.start : sentence.end] = " " * (sentence.end - sentence.start)
        for block in passage.blocks:
            if block.form == "table":
                rest[block.start : block.end] = " " * (block.end - block.start)
        for line in "".join(rest).split("\n"):
            assert not re.search(r"[^\W_]", line) or SYNTAX.match(line)
    if re.search(r"[^\W_]", text) and not re.search("[#`~=-]", text):
        assert passages


@pytest.mark.parametrize(
    "piece",
    ["- ", "> ", "a|", "[a\n", "1. a\n", "[a]: b\n", "<a\n", "- a\n\n", "-\n", "|a|\n|-|\n", "# a\n", "`", "\t", "> a\n\n", "#\n",
     "a\n===\n", "```\n", "* a\n- b\n"],
)  # fmt: skip
def test_long_repetitions_are_read_quickly(piece: str) -> None:
    """50,000 characters of any Markdown are read within three seconds."""
    started = time.process_time()
    _plain(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 3
