"""The scoring of our own questions: by hand-made replies, and the shipped set against the shipped base."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.types import LANGUAGES, Language
from eval.own import DATASET, Case, Outcome, as_data, as_text, by_language, judge, read_cases, wilson

KNOWLEDGE_BASE = Path(__file__).resolve().parents[2] / "knowledge_base"


def case(*, answerable: bool = True, lang: Language = "en", id: str = "c") -> Case:
    return Case(
        id=id, lang=lang, question="what gpa?", history=("earlier?",), answerable=answerable,
        gold_sections=frozenset({"rules/a#gpa"} if answerable else ()),
        gold_any=("at least 2.67",) if answerable else (),
    )  # fmt: skip


def answer(*cited: tuple[str, str], language: str = "en") -> dict[str, Any]:
    citations = [
        {"mark": mark, "section": section, "quote": quote} for mark, (section, quote) in enumerate(cited, start=1)
    ]
    return {
        "status": "answered", "reason": None, "language": language, "support": 0.9, "citations": citations,
        "nearest": [],
    }  # fmt: skip


def abstention(language: str = "en") -> dict[str, Any]:
    return {
        "status": "abstained", "reason": "no_source", "language": language, "support": 0.1, "citations": [],
        "nearest": [{"section": "rules/a#gpa"}],
    }  # fmt: skip


def line(**changes: object) -> str:
    data = {
        "id": "a", "lang": "en", "question": "q", "history": [], "answerability": "unanswerable",
        "gold_sections": [], "gold_any": [],
    }  # fmt: skip
    return json.dumps(data | changes)


@pytest.mark.parametrize(
    ("cited", "language", "outcome", "key_quoted"),
    [
        ([("rules/a#gpa", "It depends.")], "en", Outcome.RIGHT, False),
        ([("rules/b#other", "A GPA of AT LEAST 2.67.")], "en", Outcome.RIGHT, True),
        ([("rules/b#other", "No."), ("rules/a#gpa", "It depends.")], "en", Outcome.RIGHT, False),
        ([("rules/b#other", "It depends.")], "en", Outcome.WRONG_PLACE, False),
        ([("rules/a#gpa", "A GPA of at least 2.67.")], "ru", Outcome.WRONG_LANGUAGE, True),
        ([("rules/b#other", "It depends.")], "ru", Outcome.WRONG_PLACE, False),
    ],
)
def test_an_answer_is_judged_by_section_string_and_language(
    cited: Sequence[tuple[str, str]], language: str, outcome: Outcome, key_quoted: bool
) -> None:
    """A gold section or a gold string makes an answer right, if the language is right too."""
    verdict = judge(case(), answer(*cited, language=language))
    assert (verdict.outcome, verdict.key_quoted) == (outcome, key_quoted)


def test_abstaining_is_right_exactly_where_nothing_answers() -> None:
    """An abstention is right on an unanswerable question and false on an answerable one."""
    assert judge(case(answerable=False), abstention()).outcome is Outcome.RIGHT
    assert judge(case(), abstention()).outcome is Outcome.FALSE_ABSTENTION


def test_any_answer_to_an_unanswerable_question_is_false() -> None:
    """An unanswerable question that is answered is a false answer, wherever the quote stands."""
    assert judge(case(answerable=False), answer(("rules/a#gpa", "2.67"))).outcome is Outcome.FALSE_ANSWER


def test_a_key_string_must_stand_within_one_quote() -> None:
    """Two quotes that hold a string only when put together do not hold it."""
    verdict = judge(case(), answer(("rules/b#x", "at least"), ("rules/b#x", "2.67")))
    assert verdict.outcome is Outcome.WRONG_PLACE


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (15, 20, 0.5313, 0.8881)],
)
def test_the_interval_is_wilsons(count: int, total: int, low: float, high: float) -> None:
    """The ends are those of Wilson's formula, worked out by hand."""
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


def test_the_figures_count_each_kind_among_its_own_cases() -> None:
    """Shares are taken of all, of the unanswerable and of the answerable, for all and per language."""
    verdicts = [
        judge(case(id="1"), answer(("rules/a#gpa", "at least 2.67"))),
        judge(case(id="2"), abstention()),
        judge(case(id="3", answerable=False), abstention()),
        judge(case(id="4", lang="kk", answerable=False), answer(("rules/a#gpa", "2.67"), language="kk")),
    ]
    figures = by_language(verdicts)
    assert list(figures) == ["all", "en", "kk"]
    everything = figures["all"]
    assert (everything.right.count, everything.right.total) == (2, 4)
    assert (everything.false_answers.count, everything.false_answers.total) == (1, 2)
    assert (everything.false_abstentions.count, everything.false_abstentions.total) == (1, 2)
    assert (everything.key_quoted.count, everything.key_quoted.total) == (1, 2)
    assert (figures["kk"].right.count, figures["kk"].false_abstentions.total) == (0, 0)


def test_each_wrong_reply_is_told_with_what_was_wanted() -> None:
    """The text lists every wrong reply and no right one; the data hold all."""
    verdicts = [
        judge(case(id="good"), answer(("rules/a#gpa", "at least 2.67"))),
        judge(case(id="silent"), abstention()),
        judge(case(id="astray"), answer(("rules/b#other", "It depends."))),
    ]
    text = as_text(verdicts)
    assert "2 of 3 replies are wrong" in text
    assert "silent  false abstention: earlier? → what gpa?" in text
    assert "[1] rules/b#other: It depends." in text
    assert "good  " not in text
    data = json.loads(json.dumps(as_data(verdicts)))
    assert [each["outcome"] for each in data["cases"]] == ["right", "false abstention", "wrong place"]
    assert data["figures"]["all"]["right"]["count"] == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "cases.jsonl:1"),
        ([line(), line(id="b", lang="de")], "cases.jsonl:2.*'de'"),
        ([line(answerability="perhaps")], "cases.jsonl:1.*'perhaps'"),
        ([line(), line()], "cases.jsonl:2.*twice"),
        (['{"id": "a"}'], "cases.jsonl:1.*lang"),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, lines: list[str], said: str) -> None:
    """A broken line is refused with its file and number."""
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_cases(tmp_path)


def test_a_third_of_the_shipped_set_is_unanswerable_in_each_language() -> None:
    """Each language has at least twenty-four questions, eight of them unanswerable, two with a history."""
    cases = read_cases(DATASET)
    for language in LANGUAGES:
        own = [each for each in cases if each.lang == language]
        assert len(own) >= 24
        assert sum(not each.answerable for each in own) == 8
        assert sum(bool(each.history) for each in own) == 2
    assert len({each.question for each in cases}) == len(cases)


def test_every_gold_section_and_string_stands_in_the_shipped_base() -> None:
    """What the labels name is there: sections in all languages, strings in the question's one."""
    for each in read_cases(DATASET):
        assert bool(each.gold_sections) == bool(each.gold_any) == each.answerable
        assert len(each.gold_any) <= 4
        for section in each.gold_sections:
            document, anchor = section.split("#")
            for language in LANGUAGES:
                text = (KNOWLEDGE_BASE / f"{document}.{language}.md").read_text(encoding="utf-8")
                assert f"{{#{anchor}}}" in text, f"{each.id}: {section} is missing in {language}"
        bodies = [path.read_text(encoding="utf-8") for path in KNOWLEDGE_BASE.glob(f"*/*.{each.lang}.md")]
        shown = "\n".join(body.split("\n---\n", 1)[1] for body in bodies)
        for key in each.gold_any:
            assert key in shown, f"{each.id}: {key!r} stands in no {each.lang} document"
