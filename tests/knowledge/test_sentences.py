"""Where sentences end, in three languages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.sentences import HARD_LIMIT, split

# "|" stands where a sentence ends.
CASES = [
    "See e.g. Poland, i.e. the host.|Dr. Smith and Prof. Jones met Mr. Bean.|Next one.",
    "Form No. 5 is here.|The answer is no.|Students go.",
    "It costs approx. 5 EUR vs. 7 EUR, cf. Fig. 3 and pp. 5-7.|Bring pens etc.|Then go.",
    "Pens, paper etc. are given.|The U.S. embassy is closed.",
    "Кітап, дәптер т.б. Келесі сөйлем.".replace(". К", ".|К"),
    "Қалам т.б. заттар.|Қалам т.с.с.|Келесі.",
    "Паспорт и т. д.|Следующее.|Виза, т.е. разрешение, и т.п. бумаги.",
    "В 2024 г.|Студенты поехали в г. Алматы.|В 2024–2025 гг.|Конкурс не шёл.",
    "Олар 2024 ж.|Студенттер барды.|XX ғ.|Басында.|2020–2025 жж.|Келесі.",
    "А. Б. Иванов и проф. Ахметов пришли.|Их ждал доц. Ким из КазНУ им. Абая на ул. Абая.",
    "J. Smith came.|John F. Kennedy left.|Мирас Ж.А. келді.",
    "Письмо № 5 пришло.|GPA 2.67 или 3,5 достаточно.|Срок 01.09.2026.|Далее.",
    "Write to a.b@kaznu.kz.|Open https://kaznu.kz/a.html?x=1. Then".replace(". T", ".|T"),
    "Well… then wait.|Well…|Then go.|What?!|Yes!",
    "«Он пришёл».|Потом ушёл.|(He came.)|Then he left.|“Done.”|Next.",
    "«Куда?» — спросил он.|Дальше.",
    "1. Apply now.|2. Wait here.",
    "Стипендия 5 000 руб.|Студенты ждут 3 млн. тенге.",
    "См. рис. 5, табл. 7, пп. 5 и ст. 12.|Языки, книги и др.|Студенты.",
    "12 б.|Келесі, мыс. Алматы, яғни. қала.|Алматы қ. тұрады.",
    "A grade of B.|The end.",
    "**Bold.**|Next.[1]|Last.",
    "One line\nand the next.|Two",
    "No stop\n\n|Another paragraph",
    "东京。|大阪！|京都？",
]


@pytest.mark.parametrize("marked", CASES)
def test_sentences_end_where_they_should(marked: str) -> None:
    """The text is cut exactly at the marks."""
    expected = [part.strip() for part in marked.split("|")]
    text = "".join(part if part.endswith(("\n", "。", "！", "？")) else f"{part} " for part in marked.split("|"))
    assert [text[start:end] for start, end in split(text)] == expected


PIECES = st.sampled_from(
    ["т.б.", "А.", "No.", "1.", ".", "…", "?!", "\n", "\n\n", " ", "  ", "word", "Слово", "(", "»", "。", ";", "2.67", "г.",
     "х" * 300, "https://a.kz/b.", "\t", "- ", "\u00a0", "[1]"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_spans_cover_everything_once(text: str) -> None:
    """Spans are in order, trimmed, within bounds of length, and leave out only white space."""
    spans = split(text)
    position = 0
    for start, end in spans:
        assert text[position:start].strip() == ""
        assert start < end
        assert text[start:end] == text[start:end].strip()
        assert end - start <= HARD_LIMIT
        position = end
    assert text[position:].strip() == ""


@pytest.mark.parametrize(
    "piece",
    [
        ".",
        "a.",
        "(",
        " ",
        ". ",
        "a. ",
        "A. ",
        "\n",
        "\n ",
        "! ",
        "т.б. ",
        "a",
        ";",
        "。",
        ". (",
        ".)",
        "1. ",
        "\n.\n",
        '"',
    ],
)
def test_long_repetitions_take_linear_time(piece: str) -> None:
    """100,000 characters of anything are split within a second."""
    started = time.process_time()
    split(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 1


def test_a_long_sentence_is_cut_at_its_semicolons() -> None:
    """A clause list of 1,500 characters becomes pieces that end at semicolons."""
    text = "; ".join(["слово " * 30 + "конец"] * 8)
    pieces = [text[start:end] for start, end in split(text)]
    assert len(pieces) > 1
    assert all(piece.endswith(";") for piece in pieces[:-1])
