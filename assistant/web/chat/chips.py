"""What of a student's profile replies take into account, shown above the conversation."""

from __future__ import annotations

from html import escape

from babel import Locale

from assistant.types import Circumstances
from assistant.web.ports import Reader
from assistant.web.rendering import one_line
from assistant.web.wording import Texts


def chips(about: Circumstances, read: Reader, texts: Texts) -> str:
    """Return the chips with the way to change or forget them as HTML; empty if nothing is known.

    Args:
        about: What is taken into account.
        read: Returns a document in a language, or None.
        texts: The words of the page.
    """
    names = [
        str(Locale(texts.language).territories.get(about.country, about.country)),
        _name(about.institution, read, texts),
        _name(about.programme, read, texts),
    ]
    shown = "".join(f"<li>{one_line(name)}</li>" for name in names if name)
    if not shown:
        return ""
    return (
        f'<div class="chips"><span>{escape(texts.profile_used)}</span><ul>{shown}</ul>'
        f'<a class="here" href="/{texts.language}/plan/">{escape(texts.profile_change)}</a>'
        f'<button type="button" class="act" id="forget-0">{escape(texts.profile_forget)}</button></div>'
    )


def _name(document: str, read: Reader, texts: Texts) -> str:
    """Return how a document's programme or institution is called, or its title; empty if there is no such document."""
    found = next((each for language in (texts.language, "en") if (each := read(document, language))), None)
    return (found.source.programme or found.source.institution or found.title) if found else ""
