"""Verified answers for tests: sections as they read, and versions that quote them."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.knowledge.published import section_digest
from assistant.records.binding import Sections
from assistant.records.publishing import CheckedCitation, WrittenVersion
from assistant.types import Language

GPA = "regulations/smu#gpa"
TEXTS: dict[Language, str] = {
    "en": "The GPA is 2.67 or more. Ask the dean.",
    "ru": "Средний балл — не ниже 2,67. Спросите деканат.",
    "kk": "GPA — кемінде 2,67. Деканаттан сұраңыз.",
}
QUOTES: dict[Language, str] = {
    "en": "The GPA is 2.67 or more.",
    "ru": "Средний балл — не ниже 2,67.",
    "kk": "GPA — кемінде 2,67.",
}
NOW: Sections = {GPA: TEXTS}
EDITED: Sections = {GPA: {**TEXTS, "en": "The GPA is 2.67 or more. Ask the office."}}
LOWERED: Sections = {GPA: {**TEXTS, "en": "The GPA is 2.5 or more. Ask the dean."}}


def quoting(language: Language = "en", mark: int = 1) -> CheckedCitation:
    """Return a quote of the section about the GPA."""
    return CheckedCitation(
        mark=mark, section=GPA, language=language, quote=QUOTES[language], digest=section_digest(TEXTS),
        passage=TEXTS[language],
    )  # fmt: skip


def written(language: Language = "en", **more: Any) -> WrittenVersion:
    """Return a version that quotes the section about the GPA."""
    given = {"question": "Which GPA?", "text": f"{QUOTES[language]} [1]", "citations": (quoting(language),)} | more
    return WrittenVersion(language=language, **given)


def vouched(language: Language = "en") -> WrittenVersion:
    """Return a version that an office vouches for."""
    return WrittenVersion(language=language, question="Who signs?", text="The dean signs.", office="Dean's office",
                          office_date=date(2026, 9, 1))  # fmt: skip
