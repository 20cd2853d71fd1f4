"""The rules of the documented programmes (``eligibility/*.yaml``), each bound to the words of a section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from assistant.knowledge.data_file import Id, InLanguages, Read, SectionId, Strict, read_data
from assistant.preparation.steps import LEVELS, Country, Level
from assistant.types import LANGUAGES, Fault, Language, Passage

FOLDER = PurePosixPath("eligibility")
CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")


class Fact(StrEnum):
    """What a rule may ask of a student."""

    GPA = "gpa"
    LEVEL = "level"
    YEAR_OF_STUDY = "year_of_study"
    SEMESTER = "semester"
    CREDITS_COMPLETED = "credits_completed"
    LANGUAGE_CERTIFICATE = "language_certificate"
    ACADEMIC_DEBTS = "academic_debts"
    FINANCIAL_DEBTS = "financial_debts"
    DISCIPLINARY_VIOLATIONS = "disciplinary_violations"
    STATE_GRANT = "state_grant"
    FINAL_YEAR = "final_year"
    FULL_TIME = "full_time"
    HAS_AGREEMENT = "has_agreement"
    NOMINATED = "nominated"
    INTERVIEW_PASSED = "interview_passed"
    SUBJECT_FITS_HOME_PROGRAMME = "subject_fits_home_programme"


NUMBERS = frozenset({Fact.GPA, Fact.YEAR_OF_STUDY, Fact.SEMESTER, Fact.CREDITS_COMPLETED})
CHOICES = frozenset({Fact.LEVEL})
CERTIFICATES = frozenset({Fact.LANGUAGE_CERTIFICATE})
YES_OR_NO = frozenset(Fact) - NUMBERS - CHOICES - CERTIFICATES


class LanguageTest(StrEnum):
    """A proof of language; ``internal`` and ``host_letter`` have no score."""

    IELTS = "ielts"
    TOEFL_IBT = "toefl_ibt"
    DUOLINGO = "duolingo"
    CEFR_ENGLISH = "cefr_english"
    CEFR_TURKISH = "cefr_turkish"
    CEFR_GERMAN = "cefr_german"
    HSK = "hsk"
    TOMER = "tomer"
    INTERNAL = "internal"
    HOST_LETTER = "host_letter"


LEVELLED = frozenset(
    {LanguageTest.CEFR_ENGLISH, LanguageTest.CEFR_TURKISH, LanguageTest.CEFR_GERMAN, LanguageTest.TOMER}
)
UNSCORED = frozenset({LanguageTest.INTERNAL, LanguageTest.HOST_LETTER})


class Proof(Strict):
    """One proof of language that is enough.

    Attributes:
        test: Which.
        at_least: The score, or the CEFR level of those that have levels; empty where any will do.
    """

    test: LanguageTest
    at_least: float | str | None = None

    @field_validator("at_least", mode="before")
    @classmethod
    def _is_score_or_level(cls, written: object) -> object:
        if written in CEFR or written is None:
            return written
        try:
            return float(str(written))
        except ValueError:
            raise ValueError(f"is no score and no level; write a number or one of {', '.join(CEFR)}") from None

    @model_validator(mode="after")
    def _fits_test(self) -> Proof:
        if self.test in UNSCORED and self.at_least is not None:
            raise ValueError(f"{self.test} has no score; remove at_least")
        if (self.test in LEVELLED) != isinstance(self.at_least, str) and self.at_least is not None:
            raise ValueError(
                f"{self.test} has {'levels (B2)' if self.test in LEVELLED else 'scores (5.5)'}; correct it"
            )
        return self


class When(Strict):
    """For whom a rule holds; what is left out holds for everybody."""

    level: Level | None = None
    destination: tuple[Country, ...] = ()
    year_of_study: tuple[int, ...] = ()


class AppliesTo(Strict):
    """Who can use a programme at all.

    Attributes:
        home_university: Universities, by the name of their document, whose students it is for; empty for all.
        destination: Countries to which it sends; empty for all.
    """

    home_university: tuple[Id, ...] = ()
    destination: tuple[Country, ...] = ()


class Rule(Strict):
    """One requirement.

    Attributes:
        id: Its name, unique in the file.
        section: The section that states it.
        clause: The sentence, list item or table row of the section that states it, letter for letter.
        when: For whom it holds.
        needs: The fact it judges.
        at_least: Least number.
        above: A number that must be exceeded.
        at_most: Greatest number.
        one_of: The numbers or words that are accepted.
        is_: What a yes-or-no fact must be.
        any_of: Proofs of language, of which one is enough.
        strength: ``required``, or ``preferred`` where others may still be taken.
        todo: What to do if it is not met or not known.
    """

    id: Id
    section: SectionId
    clause: InLanguages
    when: When = When()
    needs: Fact
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()
    is_: bool | None = Field(default=None, alias="is")
    any_of: tuple[Proof, ...] = ()
    strength: Annotated[str, Field(pattern="^(required|preferred)$")] = "required"
    todo: InLanguages

    @model_validator(mode="after")
    def _asks_what_fits(self) -> Rule:
        given = {
            name
            for name, value in (
                ("at_least", self.at_least), ("above", self.above), ("at_most", self.at_most),
                ("one_of", self.one_of or None), ("is", self.is_), ("any_of", self.any_of or None),
            )
            if value is not None
        }  # fmt: skip
        allowed = (
            {"at_least", "above", "at_most", "one_of"} if self.needs in NUMBERS
            else {"one_of"} if self.needs in CHOICES
            else {"any_of"} if self.needs in CERTIFICATES
            else {"is"}
        )  # fmt: skip
        if not given or given - allowed:
            raise ValueError(
                f"{self.needs} is judged by {' or '.join(sorted(allowed))}, and here by "
                f"{', '.join(sorted(given)) or 'nothing'}; correct it"
            )
        return self

    @model_validator(mode="after")
    def _accepts_what_exists(self) -> Rule:
        wrong = [each for each in self.one_of if not (_is_number(each) if self.needs in NUMBERS else each in LEVELS)]
        if wrong:
            kind = "a number" if self.needs in NUMBERS else f"one of {', '.join(LEVELS)}"
            raise ValueError(f"one_of holds {wrong[0][:80]!r}, and {self.needs} is {kind}; correct it")
        return self


def _is_number(written: str) -> bool:
    try:
        return isfinite(float(written))
    except ValueError:
        return False


class Programme(Strict):
    """The rules of one programme or university.

    Attributes:
        programme: Its name.
        document: The document that states the rules.
        applies_to: Who can use it.
        rules: The requirements.
    """

    programme: InLanguages
    document: Annotated[str, Field(pattern=r"^[a-z0-9_]+(?:/[a-z0-9_]+)+$")]
    applies_to: AppliesTo = AppliesTo()
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


def read_programmes(folder: Path) -> tuple[Read, ...]:
    """Return the programmes of a knowledge base, by path; ``value`` is a ``Programme``, or None if a file is wrong."""
    paths = sorted((folder / FOLDER).glob("*.yaml"))
    return tuple(read_data(folder, FOLDER / path.name, Programme) for path in paths)


def valid_programmes(folder: Path) -> dict[str, Programme]:
    """Return the programmes whose files are right, by file name without ending (``mevlana``), in the order of names."""
    return {PurePosixPath(read.path).stem: read.value for read in read_programmes(folder) if read.value}


_Quotes = Mapping[str, Mapping[Language, frozenset[str]]]
"""What can be quoted from a section, by its id and the language."""


def check_programmes(folder: Path, passages: Iterable[Passage]) -> tuple[Fault, ...]:
    """Return what is wrong with the rules: form, names given twice, sections and clauses that do not exist.

    Args:
        folder: The knowledge base.
        passages: Its sections, in all their languages.
    """
    quotes = _quotes(passages)
    found: list[Fault] = []
    for read in read_programmes(folder):
        found += [*read.faults, *(_unbound(read, quotes) if read.value else ())]
    return tuple(found)


def _quotes(passages: Iterable[Passage]) -> _Quotes:
    quotes: defaultdict[str, dict[Language, frozenset[str]]] = defaultdict(dict)
    for passage in passages:
        units = (passage.quote(unit) for unit in passage.sentences if unit.form != "heading")
        quotes[passage.section][passage.language] = frozenset(units)
    return quotes


def _unbound(read: Read, quotes: _Quotes) -> Iterator[Fault]:
    programme: Programme = read.value
    if programme.document not in {section.partition("#")[0] for section in quotes}:
        yield read.fault(f"there is no document {programme.document!r}; correct the path", "document")
    seen: set[str] = set()
    for place, rule in enumerate(programme.rules):
        if rule.id in seen:
            message = f"rule {rule.id!r} stands here twice; a name is given once; rename one"
            yield read.fault(message, "rules", place, "id")
        seen.add(rule.id)
        if rule.section not in quotes:
            message = f"rule {rule.id!r}: there is no section {rule.section!r}; correct the path or the anchor"
            yield read.fault(message, "rules", place, "section")
            continue
        for language in LANGUAGES:
            if rule.clause[language] not in quotes[rule.section].get(language, ()):
                yield read.fault(_unquoted(rule, language), "rules", place, "clause", language)


def _unquoted(rule: Rule, language: Language) -> str:
    return (
        f"rule {rule.id!r}: the clause {rule.clause[language][:80]!r} is no sentence, list item or table row of "
        f"{rule.section!r} in {language}; copy one from there letter for letter"
    )
