"""What a mentor can do with an item, and what stands in the form when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant.answering.wording import bare
from assistant.records.flaws import LONGEST_QUESTION
from assistant.records.identifying import find, masked
from assistant.records.items import Item, Why
from assistant.records.publishing import AnswerState
from assistant.records.verified_rows import Entry
from assistant.types import LANGUAGES, Language
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_form import Filled, Sheet, blank
from assistant.web.desk.review_sections import Chosen


def ways(item: Item) -> tuple[str, ...]:
    """Return what a mentor can do with an item: a story and a suspended answer have pages of their own."""
    if item.row.answer or Why.EXPERIENCE in item.row.whys:
        return ()
    return ("approve", "edit", "replace", "missing") if reply_sheet(item) else ("replace", "missing")


def way_of(item: Item, asked: str) -> str:
    """Return what a form is for: what was asked for, if it can be done, else to write anew."""
    return asked if asked in ways(item) else "replace"


def served(desk: Desk, item: Item) -> Entry | None:
    """Return the mentor's answer that the student got as the reply; None if it was none, or is retired."""
    entry = desk.answers.read(str(_reply(item).get("verified") or ""))
    return entry if entry and entry.answer.state is not AnswerState.RETIRED else None


def reply_sheet(item: Item, entry: Entry | None = None) -> Sheet | None:
    """Return the reply as it stands, without the notes around it, to be approved; None if it quotes nothing.

    Args:
        item: What it is about.
        entry: The mentor's answer that it is, if it is one: then that, as it stands now.
    """
    reply = _reply(item)
    known = [each for each in changing(entry).sheets if each.language == reply.get("language")] if entry else []
    if known and not known[0].is_blank:
        return replace(known[0], fixed=True)
    language = reply.get("language")
    text = bare(str(reply.get("text", "")), language) if language in LANGUAGES else ""
    quotes = tuple(_chosen(each) for each in reply.get("citations") or () if isinstance(each, Mapping))
    if reply.get("status") != "answered" or language not in LANGUAGES or not text or None in quotes or not quotes:
        return None
    spoken: Language = language
    kept = tuple(each for each in quotes if each)
    return Sheet(language=spoken, find=shown_question(item), text=text, quotes=kept, fixed=True)


def begun(item: Item, way: str, entry: Entry | None = None) -> Filled:
    """Return the form as it is opened; what is corrected of a reply that is a mentor's answer is that answer.

    The question is left to the mentor: what a student asked is erased with the conversation, a mentor's words are not.
    It stands beside the form, and sections are looked for by it, which is not kept.
    """
    sheet = reply_sheet(item, entry)
    if way == "approve" and sheet:
        return blank(sheet)
    if way == "edit" and entry:
        return changing(entry)
    if way == "edit" and sheet:
        return blank(replace(sheet, fixed=False))
    return blank(Sheet(language=item.row.language, find=shown_question(item)))


def changing(entry: Entry) -> Filled:
    """Return the form in which a verified answer is changed."""
    sheets = (
        Sheet(
            language=version.language,
            question=version.question,
            text=version.text,
            office=version.office,
            office_date=version.office_date.isoformat() if version.office_date else "",
            quotes=tuple(Chosen(each.section, each.language, each.quote) for each in version.citations),
        )
        for version in entry.answer.versions
    )
    return replace(blank(*sheets), seen=entry.changed.isoformat())


def shown_question(item: Item) -> str:
    """Return the question on one line with what may identify a person masked, cut to what a question may hold."""
    asked = item.row.question
    return " ".join(masked(asked, find(asked, item.row.language)).split())[:LONGEST_QUESTION]


def _reply(item: Item) -> Mapping[str, Any]:
    return (item.turn.reply if item.turn else None) or {}


def _chosen(citation: Mapping[str, Any]) -> Chosen | None:
    section, language, quote = (citation.get(name) for name in ("section", "language", "quote"))
    if not isinstance(section, str) or language not in LANGUAGES or not isinstance(quote, str) or not quote.strip():
        return None
    spoken: Language = language
    return Chosen(section, spoken, quote)
