"""The rules of the programmes: their form, and that each is bound to the words of a section that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.knowledge.loading import load
from assistant.preparation.eligibility import Fact, Programme, check_programmes, read_programmes, valid_programmes
from assistant.settings import content
from assistant.types import LANGUAGES, Language, Passage, Sentence


def passage(anchor: str, language: Language, *units: str, heading: str = "") -> Passage:
    """Return a section whose units stand one a line, below a sub-heading if there is one."""
    lines = [*([heading] if heading else []), *units]
    starts = [sum(len(line) + 1 for line in lines[:place]) for place in range(len(lines))]
    return Passage(
        document="regulations/uni",
        anchor=anchor,
        language=language,
        heading="Question?",
        context=(),
        start=0,
        text="\n".join(lines),
        sentences=tuple(
            Sentence(start, start + len(line), "heading" if line == heading else "prose", 0)
            for start, line in zip(starts, lines, strict=True)
        ),
        blocks=(),
    )


PASSAGES = (
    passage("gpa", "en", "Uni asks for 2.67.", "Ask the office."),
    passage("gpa", "ru", "Нужен GPA 2.67.", "Спросите в отделе."),
    passage("gpa", "kk", "2.67 GPA керек.", "Бөлімнен сұраңыз."),
    passage("language", "en", "IELTS 5.5 or B2.", heading="Which test"),
    passage("language", "ru", "IELTS 5.5 или B2."),
    passage("language", "kk", "IELTS 5.5 не B2."),
    passage("debts", "en", "No debts."),
    passage("debts", "ru", "Без долгов."),
    passage("debts", "kk", "Қарыз болмауы керек."),
)
GOOD = """programme: {en: Uni, ru: Вуз, kk: ЖОО}
document: regulations/uni
applies_to: {home_university: [uni]}
rules:
  - id: gpa
    section: regulations/uni#gpa
    clause: {en: Uni asks for 2.67., ru: Нужен GPA 2.67., kk: 2.67 GPA керек.}
    needs: gpa
    at_least: 2.67
    todo: {en: Raise it., ru: Повысьте., kk: Көтеріңіз.}
  - id: language
    section: regulations/uni#language
    clause: {en: IELTS 5.5 or B2., ru: IELTS 5.5 или B2., kk: IELTS 5.5 не B2.}
    when: {level: bachelor}
    needs: language_certificate
    any_of:
      - {test: ielts, at_least: 5.5}
      - {test: cefr_english, at_least: B2}
      - {test: internal}
    todo: {en: Take a test., ru: Сдайте тест., kk: Тест тапсырыңыз.}
  - id: debts
    section: regulations/uni#debts
    clause: {en: No debts., ru: Без долгов., kk: Қарыз болмауы керек.}
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
    assert not check_programmes(tmp_path, PASSAGES)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    at_least: 2.67\n", "", "judged by"),
        ("at_least: 2.67", "is: true", "judged by above or at_least or at_most or one_of, and here by is"),
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
        ("    clause: {en: No debts., ru: Без долгов., kk: Қарыз болмауы керек.}\n", "", "clause is missing"),
        (
            "    needs: gpa\n    at_least: 2.67",
            "    needs: level\n    one_of: [bachelour]",
            "'bachelour', and level is one of",
        ),
        (
            "    needs: gpa\n    at_least: 2.67",
            "    needs: year_of_study\n    one_of: [2, third]",
            "'third', and year_of_s",
        ),
        (
            "    needs: gpa\n    at_least: 2.67",
            "    needs: semester\n    one_of: [nan]",
            "'nan', and semester is a number",
        ),
    ],
)
def test_faults_name_value_and_rule(tmp_path: Path, old: str, new: str, words: str) -> None:
    """Each sort of mistake is told, with the file."""
    faults = check_programmes(written(tmp_path, GOOD.replace(old, new, 1)), PASSAGES)
    assert any(words in fault.message for fault in faults), faults
    assert {fault.path for fault in faults} == {"eligibility/uni.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "language"),
    [
        ("en: Uni asks for 2.67.", "en: Uni asks for 2.7.", "en"),
        ("en: Uni asks for 2.67.", "en: Uni asks for", "en"),
        ("en: Uni asks for 2.67.", 'en: "Uni asks for 2.67.\\nAsk the office."', "en"),
        ("ru: Нужен GPA 2.67.", "ru: Uni asks for 2.67.", "ru"),
        ("kk: 2.67 GPA керек.", "kk: Қарыз болмауы керек.", "kk"),
        ("en: IELTS 5.5 or B2.", "en: Which test", "en"),
    ],
)
def test_a_clause_is_a_whole_quote_of_its_own_section(tmp_path: Path, old: str, new: str, language: str) -> None:
    """Another figure, a part, two sentences, another language, another section or a heading are faults with their line."""
    text = GOOD.replace(old, new, 1)
    (fault,) = check_programmes(written(tmp_path, text), PASSAGES)
    assert f"in {language}; copy one from there letter for letter" in fault.message
    assert (fault.path, fault.line) == ("eligibility/uni.yaml", text[: text.index(new)].count("\n") + 1)


def test_a_clause_needs_its_section_in_every_language(tmp_path: Path) -> None:
    """A section that has no Kazakh version states nothing in Kazakh; one that does not exist is one fault."""
    folder = written(tmp_path, GOOD)
    without_kazakh = [each for each in PASSAGES if (each.anchor, each.language) != ("gpa", "kk")]
    (fault,) = check_programmes(folder, without_kazakh)
    assert "rule 'gpa': the clause '2.67 GPA керек.' is no sentence" in fault.message
    (fault,) = check_programmes(folder, [each for each in PASSAGES if each.anchor != "gpa"])
    assert "no section 'regulations/uni#gpa'" in fault.message


def test_right_files_are_programmes_by_name(tmp_path: Path) -> None:
    """A file that is wrong is left out and does not take the others with it."""
    folder = written(tmp_path, GOOD)
    (folder / "eligibility" / "college.yaml").write_text(GOOD.replace("needs: gpa", "needs: charm"), encoding="utf-8")
    assert list(valid_programmes(folder)) == ["uni"]


def test_shipped_rules_quote_their_sections() -> None:
    """Every clause of every rule stands in its section in three languages, and says the figure that the rule asks for."""
    folder = content("knowledge_base")
    documents, _ = load(folder)
    assert not check_programmes(folder, [each for document in documents for each in document.passages])
    programmes = valid_programmes(folder)
    assert len(programmes) == len(read_programmes(folder))
    limited = [
        rule
        for programme in programmes.values()
        for rule in programme.rules
        if rule.needs in (Fact.GPA, Fact.CREDITS_COMPLETED) and rule.at_least is not None
    ]
    assert limited
    for rule in limited:
        stated = {rule.at_least, round(rule.at_least - 0.01, 2)}  # "above 3.5" is at least 3.51
        for language in LANGUAGES:
            assert stated & set(map(float, re.findall(r"\d+(?:\.\d+)?", rule.clause[language]))), rule.section
