"""Front matter: what is right, and every fault with its line."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.front_matter import parse
from assistant.types import Confidence, Kind

GOOD = """---
title: "Semey: who may join"
kind: regulation
institution: Semey Medical University
aliases: [SMU, NO]
country: KZ
programme:
source_title: Three cases
source_url: https://doi.org/10.32523/1
source_date: 2025
reviewed_on: 2026-11-22
review_by: 2027-08-31
confidence: research
asked_as:
  gpa:
    - minimum GPA
---

## What GPA? {#gpa}
"""


def _faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in parse(text, path="a.en.md").faults]


def test_good_front_matter_is_read_as_written() -> None:
    """Texts stay texts (NO is no boolean), days become days, the body keeps its line."""
    parsed = parse(GOOD)
    assert parsed.faults == ()
    assert parsed.matter is not None
    assert parsed.matter.kind is Kind.REGULATION
    assert parsed.matter.aliases == ("SMU", "NO")
    assert parsed.matter.asked_as == {"gpa": ("minimum GPA",)}
    source = parsed.matter.source()
    assert (source.dated, source.programme, source.confidence) == ("2025", "", Confidence.RESEARCH)
    assert source.review_by == date(2027, 8, 31)
    assert GOOD.split("\n")[parsed.body_line - 1 :] == parsed.body.split("\n")


@pytest.mark.parametrize(
    ("right", "wrong", "line", "hint"),
    [
        ("kind: regulation", "kind: other", 3, "unreviewed"),
        ("kind: regulation", "kind: rule", 3, "choose one of regulation"),
        ("institution: Semey Medical University", "institution:", 4, "issuer"),
        ("country: KZ", "country: Kazakhstan", 6, "two capitals"),
        ("country: KZ", "country: QQ", 6, "ISO 3166-1"),
        ("https://doi.org", "doi.org", 9, "https://"),
        ("source_date: 2025", "source_date: 2025-13", 10, "undated"),
        ("source_date: 2025", "source_date: last year", 10, "undated"),
        ("2026-11-22", "22.11.2026", 11, "YYYY-MM-DD"),
        ("2026-11-22", "2026-02-30", 11, "calendar"),
        ("2027-08-31", "2026-11-22", 12, "not after reviewed_on"),
        ("confidence: research", "confidence: not_reviewed", 13, "unreviewed"),
        ("confidence: research\n", "", 1, "confidence is missing"),
        ("aliases: [SMU, NO]", "aliases: SMU", 5, "not a list"),
        ("programme:", "program:", 7, "not a field"),
        ("programme:", "title: again", 7, "twice"),
        ("programme:", "programme: a: b", 7, "not YAML"),
        ("[SMU, NO]", "&a [SMU]", 5, "anchors"),
        ("    - minimum GPA", "    minimum GPA", 15, "not a list"),
        ('"Semey: who may join"', '""', 2, "empty"),
        ('"Semey: who may join"', "", 2, "title is missing"),
        ('"Semey: who may join"', '"\\UFFFFFFFF"', 2, "printed"),
    ],
)
def test_a_fault_names_its_line(right: str, wrong: str, line: int, hint: str) -> None:
    """One wrong field gives one fault, on its line, with the way out."""
    faults = _faults(GOOD.replace(right, wrong))
    assert len(faults) == 1
    assert faults[0][0] == line
    assert hint in faults[0][1]


def test_every_fault_is_told_at_once() -> None:
    """Faults do not hide one another."""
    text = GOOD.replace("KZ", "XYZ").replace("https:", "ftp:").replace("2027-08-31", "2020-01-01")
    assert [line for line, _ in _faults(text.replace("institution: Semey Medical University\n", ""))] == [
        1,
        5,
        8,
        11,
    ]


@pytest.mark.parametrize("text", ["", "no front matter", "---\ntitle: a\n", "----\na: b\n---\n"])
def test_missing_front_matter_is_a_fault(text: str) -> None:
    """A file without a closed head is told so, and its text is kept whole."""
    parsed = parse(text)
    assert parsed.matter is None
    assert parsed.body == text
    assert len(parsed.faults) == 1


@pytest.mark.parametrize("raw", ["[" * 60_000, "{" * 60_000, "- " * 30_000, "a: " * 20_000, "x" * 70_000, "? [a]\n: b"])
def test_hostile_yaml_is_refused_quickly(raw: str) -> None:
    """Deep, huge and odd YAML is a fault within two seconds."""
    started = time.process_time()
    assert parse(f"---\n{raw}\n---\nbody").faults
    assert time.process_time() - started < 2


@given(st.text())
def test_any_text_is_parsed_without_an_error(raw: str) -> None:
    """Whatever stands in the head becomes faults, never an exception."""
    parsed = parse(f"---\n{raw}\n---\nbody")
    assert parsed.matter is None
    assert parsed.faults
