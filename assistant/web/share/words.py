"""Every word of the page, read from ``texts/<language>.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.types import Language
from assistant.web.wording import read_words

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the page in one language; the TOML files say where each one stands.

    Attributes:
        parts: Heading of each section of the form, by ``form.PARTS``.
        purposes: What each section is about, by the same.
        labels: Label of each field, by ``form.FIELDS``.
        hints: A line below the label, for fields that need one.
        levels: Words for the choices of ``level``; so are ``fundings`` and ``fluency`` for theirs.
        rules: Why a field was refused, by ``records.fields.Rule``, with ``{allowed}`` where it says something.
        kinds: What was found, by ``FindingKind``.
        consent_points: What happens with a story, one thing each.
        sent_note: What the code is for.
        own_sent: With ``{kind}`` and ``{date}``; the words of what became of a story have ``{date}``, too.
        own_kinds: What was sent, by ``SubmissionKind``.
        reasons: Why a story is not published, by ``StoryReason``.
        against: Why an answer is not taken, by ``Against``.
    """

    intro: str
    check: str
    delete: str
    saved: str
    deleted: str
    refused: str
    review: str
    review_note: str
    found: str
    found_none: str
    may_miss: str
    masking: str
    mask: str
    leave: str
    consent_title: str
    consent_points: tuple[str, ...]
    consent: str
    send: str
    back: str
    not_sent: str
    forgotten: str
    sent: str
    sent_note: str
    copy: str
    another: str
    withdraw_title: str
    withdraw_note: str
    code: str
    withdraw: str
    withdrawn: str
    no_such_code: str
    not_withdrawn: str
    look: str
    no_story: str
    not_shown: str
    own_title: str
    own_sent: str
    waiting: str
    published: str
    rejected: str
    rejected_note: str
    kept_until: str
    messages: str
    you: str
    asked_on: str
    answer: str
    answer_note: str
    answer_send: str
    answered: str
    not_answered: str
    parts: Mapping[str, str]
    purposes: Mapping[str, str]
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    levels: Mapping[str, str]
    fundings: Mapping[str, str]
    fluency: Mapping[str, str]
    rules: Mapping[str, str]
    kinds: Mapping[str, str]
    own_kinds: Mapping[str, str]
    reasons: Mapping[str, str]
    against: Mapping[str, str]

    def choices(self, field: str) -> Mapping[str, str]:
        """Return the words of each choice of a field with few choices."""
        return {"level": self.levels, "funding": self.fundings}.get(field, self.fluency)


@cache
def words(language: Language) -> Words:
    """Return the words of the page in ``language``.

    Raises:
        SettingError: If the file lacks a text or holds one that the page does not use.
    """
    return read_words(FOLDER / f"{language}.toml", Words)
