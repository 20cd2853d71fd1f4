"""Every fault of a curated base, with file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.knowledge.checking import check
from assistant.types import Fault

TODAY = date(2026, 12, 1)
HEAD = """---
title: "{title}"
kind: research
source_title: Three cases
source_url: https://doi.org/10.32523/1
source_date: undated
reviewed_on: 2026-11-22
review_by: 2027-08-31
confidence: research
---

"""
# A section needs some thirty words.
MORE = {
    "en": " Each case tells where a future teacher went, for how long, who paid for it, what was hard in the first weeks, "
    "what helped in the end, and what the teacher would say today to a student who packs a suitcase tonight.",
    "ru": " Каждый случай говорит, куда поехал будущий педагог, на какой срок, кто за это платил, что было трудно в первые "
    "недели, что помогло в итоге и что педагог сказал бы сегодня студенту, который собирает чемодан.",
    "kk": " Әр жағдай болашақ педагогтің қайда барғанын, қанша уақытқа кеткенін, ақысын кім төлегенін, алғашқы апталарда "
    "не қиын болғанын, соңында не көмектескенін және бүгін студентке не айтар еді, соны баяндайды әрі түсіндіреді.",
}
BODIES = {
    "en": """## What does the study say? {#study}

The study describes three cases of academic mobility of future teachers.

## Who may go? {#who}

Students of the third year may go, see [the study](#study) and [it](research/cases#study).
""",
    "ru": """## О чём исследование? {#study}

Исследование описывает три случая академической мобильности будущих педагогов.

## Кто может поехать? {#who}

Поехать могут студенты третьего курса, см. [исследование](#study) и [его](research/cases#study).
""",
    "kk": """## Зерттеу не туралы? {#study}

Зерттеу болашақ педагогтердің академиялық ұтқырлығының үш жағдайын сипаттайды.

## Кім бара алады? {#who}

Үшінші курс студенттері бара алады, [зерттеуді](#study) және [мынаны](research/cases#study) қараңыз.
""",
}


for _language, _body in BODIES.items():
    BODIES[_language] = "\n".join(
        line + MORE[_language] if line and not line.startswith("#") else line for line in _body.split("\n")
    )


def _base(folder: Path, **changed: str) -> Path:
    for language, body in {**BODIES, **changed}.items():
        path = folder / "research" / f"cases.{language}.md"
        path.parent.mkdir(exist_ok=True)
        if body:
            path.write_text(HEAD.format(title=language) + body, encoding="utf-8")
    return folder


def _found(folder: Path) -> list[tuple[str, int]]:
    return [(fault.path, fault.line) for fault in check(folder, today=TODAY)]


def test_a_sound_base_has_no_fault(tmp_path: Path) -> None:
    """Three parallel versions with live links pass."""
    assert check(_base(tmp_path), today=TODAY) == ()


def _one(folder: Path, hint: str) -> Fault:
    matching = [fault for fault in check(folder, today=TODAY) if hint in fault.message]
    assert len(matching) == 1, matching
    return matching[0]


EN = BODIES["en"]


@pytest.mark.parametrize(
    ("body", "line", "hint"),
    [
        (EN.replace("(#study)", "(#nothing)"), 18, "no section 'nothing'"),
        (EN.replace("(research/cases#", "(research/none#"), 18, "no document 'research/none'"),
        (EN.replace("three cases", "<b>three</b> cases").replace("</b>", ""), 14, "is HTML"),
        (EN.replace("three cases", "![three](https://a.kz/x.png) cases"), 14, "image"),
        (EN.replace("three cases", "three cases (http://a.kz)"), 14, "not safe"),
        (EN.replace(EN.split("\n")[2], BODIES["ru"].split("\n")[2]), 14, "not in 'en'"),
        (EN + "\n## More? {#more}\n\nThere is more.\n", 20, "missing in research/cases.ru.md"),
        (EN + "\n## More? {#more}\n\nThere is more.\n", 20, "missing in research/cases.kk.md"),
        (EN + "\n## Empty? {#empty}\n", 20, "no text below"),
    ],
)
def test_faults_of_a_version(tmp_path: Path, body: str, line: int, hint: str) -> None:
    """Each fault stands once, in its file and on its line."""
    fault = _one(_base(tmp_path, en=body), hint)
    assert (fault.path, fault.line) == ("research/cases.en.md", line)


def test_another_order_is_a_fault(tmp_path: Path) -> None:
    """The first section out of order is named in the version that differs from the English one."""
    first, second = BODIES["ru"].split("\n## Кто")
    fault = _one(_base(tmp_path, ru=f"## Кто{second}\n{first}"), "stands where")
    assert (fault.path, fault.line) == ("research/cases.ru.md", 12)


def test_a_missing_translation_is_a_fault(tmp_path: Path) -> None:
    """A language without a file is told once, at the first version there is."""
    fault = _one(_base(tmp_path, kk=""), "no version in 'kk'")
    assert fault.path == "research/cases.en.md"


def test_a_faulty_translation_is_not_called_missing(tmp_path: Path) -> None:
    """A file that is there but wrong has its own fault only."""
    base = _base(tmp_path)
    path = base / "research" / "cases.kk.md"
    path.write_text(path.read_text(encoding="utf-8").replace("kind: research", "kind: x"), encoding="utf-8")
    assert _found(base) == [("research/cases.kk.md", 3)]


def test_a_past_review_is_a_fault(tmp_path: Path) -> None:
    """From the day after review_by on, each version is due."""
    base = _base(tmp_path)
    assert check(base, today=date(2027, 8, 31)) == ()
    assert [(fault.path[-5:], fault.line) for fault in check(base, today=date(2027, 9, 1))] == [
        ("en.md", 8),
        ("kk.md", 8),
        ("ru.md", 8),
    ]


def test_kazakh_without_kazakh_letters_is_a_fault(tmp_path: Path) -> None:
    """A Russian section in the Kazakh file is found."""
    fault = _one(_base(tmp_path, kk=BODIES["ru"].replace("см. ", "").split("\n## Кто")[0]), "not in 'kk'")
    assert (fault.path, fault.line) == ("research/cases.kk.md", 14)


def test_a_file_without_front_matter_among_the_curated_is_a_fault(tmp_path: Path) -> None:
    """It would silently count as not reviewed."""
    base = _base(tmp_path)
    (base / "research" / "new.en.md").write_text("Words.", encoding="utf-8")
    assert _found(base) == [("research/new.en.md", 1)]


def test_faults_are_sorted(tmp_path: Path) -> None:
    """By path, then by line."""
    base = _base(
        tmp_path,
        en=EN.replace("three", "<i>").replace("(#study)", "(#x)"),
        ru=BODIES["ru"].replace("#study)", "#x)"),
    )
    found = _found(base)
    assert found == sorted(found)
    assert len(found) == 6
