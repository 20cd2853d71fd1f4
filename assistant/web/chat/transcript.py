"""A conversation as a text to keep: every reply with the quotes it stands on and where they come from."""

from __future__ import annotations

from datetime import date

from assistant.types import Abstention, Answer, Citation, Conversation, Turn
from assistant.web.chat import sources
from assistant.web.wording import Texts


def markdown(conversation: Conversation, texts: Texts, *, today: date, address: str = "") -> str:
    """Return the conversation as Markdown, oldest question first.

    Args:
        conversation: What was asked and replied.
        texts: The words of the page.
        today: Day on which it is kept.
        address: Where the pages are (``https://host``), for links to the whole documents; empty for none.
    """
    day = sources.written_date(today.isoformat(), texts).rstrip(".")  # a Russian date ends with one
    parts = [f"# {texts.name}", f"{texts.kept_on} {day}. {texts.kept_note}"]
    for turn in conversation.turns:
        parts += [f"## {_line(turn.question)}", *_replied(turn, texts, address)]
    return "\n\n".join(parts) + "\n"


def _replied(turn: Turn, texts: Texts, address: str) -> list[str]:
    """Return the parts below a question."""
    if isinstance(turn.reply, Answer):
        cited = [_source(each, texts, address) for each in turn.reply.citations]
        return [turn.reply.text, f"**{texts.quoted_from}**", "\n".join(cited)]
    if isinstance(turn.reply, Abstention):
        return [f"**{texts.no_answer}.** {turn.reply.text}"]
    return [f"*{texts.stopped}*"]


def _source(citation: Citation, texts: Texts, address: str) -> str:
    """Return one quote with everything one needs to find and judge it."""
    passage, source = citation.passage, citation.source
    title = passage.context[0] if passage.context else passage.document
    told = [
        sources.badge(citation, texts)[1],
        source.institution,
        f"{texts.dated}: {sources.written_date(source.dated, texts)}",
        texts.stale if citation.stale else "",
        f"<{source.url}>" if source.url else "",
        f"<{address}/{passage.language}/library/{passage.document}#{passage.anchor}>" if address else "",
    ]
    where = " › ".join(dict.fromkeys([title, sources.heading(passage)]))
    said = f"«{_line(citation.quote)}»"
    if citation.translation:
        said += f" («{_line(citation.translation)}»: {texts.translated.rstrip('.')})"
    return f"- [{citation.mark}] {said} — {where}. " + "; ".join(filter(None, told))


def _line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())
