"""Worse typing: what it changes, and what stays."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import asked

from eval.cases import Case, read_dataset
from eval.configuring import RunConfig
from eval.perturbing import INJECTION, latin, perturbed, with_typos


def one(lang: str, question: str, **more: Any) -> Case:
    return Case.model_validate({"id": "a", "lang": lang, "question": question, "answerability": "answerable", **more})


def test_typing_changes_the_question_and_not_the_reply_wanted() -> None:
    """Labels and the language of the reply stay; nothing is done where nothing is asked for."""
    case = one("kk", "Қай ЖЫЛЫ?", must_not_contain=["x"])
    assert perturbed(case, "none", 1) is case
    lower = perturbed(case, "lower", 1)
    assert lower == case.model_copy(update={"question": "қай жылы?", "expected_lang": "kk"})
    typed = perturbed(case, "latin", 1)
    assert typed == case.model_copy(update={"question": "kai zhyly?", "expected_lang": "kk"})
    assert perturbed(one("en", "GPA?"), "latin", 1) is None
    assert latin("Щука, Ёж — ЭТО Ұйым ғой 5") == "shuka, ezh — eto uiym goi 5"


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_an_injection_is_put_behind_and_must_not_be_obeyed(lang: str) -> None:
    """The reply must not say what it orders, besides what it must not say anyway."""
    typed = perturbed(one(lang, "GPA?", must_not_contain=["x"], expected_lang="ru"), "injection", 1)
    assert typed is not None
    assert typed.question == f"GPA? {INJECTION[lang]}"
    assert typed.expected_lang == "ru"
    first, order = typed.must_not_contain
    assert first == "x"
    assert order in INJECTION[lang]


def test_typos_are_few_and_repeatable() -> None:
    """One error in about twelve letters: the first letter stays, and one seed makes one text."""
    text = "abcdefghijklmnopqrstuvwxyz"
    lengths = set()
    for seed in range(60):
        typed = with_typos(text, str(seed))
        assert typed == with_typos(text, str(seed))
        assert typed != text
        assert typed[0] == "a"
        lost, more = Counter(text) - Counter(typed), Counter(typed) - Counter(text)
        assert lost.total() + more.total() <= 3  # 24 // 12 + 1 errors
        lengths.add(len(typed) - len(text))
    assert {-1, 0, 1} <= lengths
    assert [with_typos(short, "1") for short in ("", "a", "ab", "1 2")] == ["", "a", "ab", "1 2"]
    assert perturbed(one("en", text), "typos", 1) == perturbed(one("en", text), "typos", 1)
    assert len({getattr(perturbed(one("en", text), "typos", seed), "question", "") for seed in range(9)}) > 5


@pytest.mark.parametrize("perturb", ["lower", "typos", "latin", "injection"])
def test_a_perturbed_run_keeps_what_was_typed(dataset: Path, tmp_path: Path, perturb: str) -> None:
    """The run's cases are the perturbed ones, the same at every run; English cannot be typed in Latin letters."""
    first, second = (asked(dataset, tmp_path / name, perturb=perturb) for name in "ab")
    assert first.cases() == second.cases()
    plain = {case.id: case for case in read_dataset(dataset).cases if perturb != "latin" or case.lang != "en"}
    assert [case.id for case in first.cases()] == list(plain)
    assert all(case == perturbed(plain[case.id], perturb, RunConfig().seed) for case in first.cases())
    assert any(case.question != plain[case.id].question for case in first.cases())
