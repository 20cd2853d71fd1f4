"""The rules of the programmes: their form, and that each is bound to the section that states it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.preparation.eligibility import Fact, Programme, check_programmes, read_programmes

SECTIONS = frozenset({"regulations/uni#gpa", "regulations/uni#language", "regulations/uni#debts"})
GOOD = """programme: {en: Uni, ru: Вуз, kk: ЖОО}
document: regulations/uni
applies_to: {home_university: [uni]}
rules:
  - id: gpa
    section: regulations/uni#gpa
    needs: gpa
    at_least: 2.67
    todo: {en: Raise it., ru: Повысьте., kk: Көтеріңіз.}
  - id: language
    section: regulations/uni#language
    when: {level: bachelor}
    needs: language_certificate
    any_of:
      - {test: ielts, at_least: 5.5}
      - {test: cefr_english, at_least: B2}
      - {test: internal}
    todo: {en: Take a test., ru: Сдайте тест., kk: Тест тапсырыңыз.}
  - id: debts
    section: regulations/uni#debts
    needs: academic_debts
    is: false
    strength: preferred
    todo: {en: Pass., ru: Сдайте., kk: Тапсырыңыз.}
"""


def written(folder: Path, text: str) -> Path:
    """Return the folder after writing one programme."""
    (folder / "eligibility").mkdir()
    (folder / "eligibility" / "uni.yaml").write_text(text, encoding="utf-8")
    return folder


def test_rules_are_read_with_their_operators(tmp_path: Path) -> None:
    """Numbers, proofs with score or level, and yes or no come out typed."""
    (read,) = read_programmes(written(tmp_path, GOOD))
    programme = read.value
    assert isinstance(programme, Programme)
    gpa, language, debts = programme.rules
    assert (gpa.needs, gpa.at_least) == (Fact.GPA, 2.67)
    assert [proof.at_least for proof in language.any_of] == [5.5, "B2", None]
    assert (debts.is_, debts.strength) == (False, "preferred")
    assert programme.applies_to.home_university == ("uni",)
    assert not check_programmes(tmp_path, SECTIONS)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    at_least: 2.67\n", "", "judged by"),
        ("at_least: 2.67", "is: true", "judged by at_least or at_most or one_of, and here by is"),
        ("is: false", "at_least: 1", "academic_debts is judged by is"),
        ("{test: internal}", "{test: internal, at_least: 60}", "has no score"),
        ("at_least: 5.5", "at_least: B2", "has scores"),
        ("at_least: B2", "at_least: 80", "has levels"),
        ("at_least: B2", "at_least: good", "no score and no level"),
        ("needs: gpa", "needs: charm", "wrong form"),
        ("uni#gpa", "uni#gba", "no section 'regulations/uni#gba'"),
        ("document: regulations/uni", "document: regulations/college", "no document"),
        ("id: debts", "id: gpa", "stands here twice"),
        (", kk: ЖОО", "", "programme.kk is missing"),
    ],
)
def test_faults_name_value_and_rule(tmp_path: Path, old: str, new: str, words: str) -> None:
    """Each sort of mistake is told, with the file."""
    faults = check_programmes(written(tmp_path, GOOD.replace(old, new, 1)), SECTIONS)
    assert any(words in fault.message for fault in faults), faults
    assert {fault.path for fault in faults} == {"eligibility/uni.yaml"}
