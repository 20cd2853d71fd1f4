"""From a conversation to what the page shows; pure functions without Gradio."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Literal

from assistant.types import Abstention, Answer, Conversation, Hit, Reply, Turn
from assistant.web import rendering
from assistant.web.chat import sources
from assistant.web.wording import Texts

KEPT_TURNS = 20
"""Turns a conversation keeps, the newest; older ones would only cost memory and bandwidth."""

FRAMES = 12
"""Steps, at most, in which a reply appears."""

SUGGESTIONS = 3
"""Nearest sections, at most, that an abstention offers."""

_BLOCK_END = re.compile(r"\n[ \t]*\n")
_SENTENCE_END = re.compile(r"(?:[.!?…][»”\")]?(?: ?\[\d{1,3}\]){0,9}|\])[ \n]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A section offered after an abstention: what its button says, and the question it asks."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of the chat as one line of safe HTML, with the buttons below it."""

    role: Literal["user", "assistant"]
    html: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Everything that changes on the page.

    Attributes:
        conversation: What the session remembers from now on.
        bubbles: The chat, oldest first.
        sources: HTML of the source panel.
        notice: Words for the student below the input; empty for none.
        busy: Whether a reply is on its way.
        draft: What the input holds; ``None`` leaves it as it is.
    """

    conversation: Conversation
    bubbles: tuple[Bubble, ...] = ()
    sources: str = ""
    notice: str = ""
    busy: bool = False
    draft: str | None = None


def screen(
    conversation: Conversation,
    texts: Texts,
    *,
    speaking: str | None = None,
    busy: bool = False,
    notice: str = "",
    draft: str | None = None,
) -> Screen:
    """Return the page for a conversation.

    Args:
        conversation: The turns so far.
        texts: The words of the page.
        speaking: How much of the last reply is to be shown yet; ``None`` for all of it.
        busy: Whether a reply is on its way.
        notice: Words below the input.
        draft: What the input shall hold.
    """
    bubbles: list[Bubble] = []
    for number, turn in enumerate(conversation.turns, start=1):
        last = number == len(conversation.turns)
        bubbles.append(Bubble("user", f'<div class="question">{rendering.plain(turn.question)}</div>'))
        bubbles.extend(_answering(number, turn, texts, speaking if last else None, waiting=busy and last))
    return Screen(
        conversation=conversation,
        bubbles=tuple(bubbles),
        sources=sources.panel(conversation, texts),
        notice=notice,
        busy=busy,
        draft=draft,
    )


def asked(conversation: Conversation, question: str) -> Conversation:
    """Return the conversation with a question that has no reply yet, cut to the newest turns."""
    return Conversation(conversation.with_turn(Turn(question)).turns[-KEPT_TURNS:])


def replied(conversation: Conversation, reply: Reply) -> Conversation:
    """Return the conversation whose last question has got its reply."""
    *before, last = conversation.turns
    return Conversation((*before, Turn(last.question, reply)))


def frames(text: str) -> tuple[str, ...]:
    """Return growing beginnings of a reply, cut after sentences, never inside a table; the last is whole."""
    ends: list[int] = []
    position = 0
    for block in (*_BLOCK_END.finditer(text), None):
        block_end = block.end() if block else len(text)
        if not text[position:block_end].lstrip().startswith("|"):
            ends += [match.end() for match in _SENTENCE_END.finditer(text, position, block_end)]
        ends.append(block_end)
        position = block_end
    step = -(-len(ends) // FRAMES)
    chosen = sorted({*ends[step - 1 :: step], len(text)})
    return tuple(text[:end] for end in chosen)


def suggestions(abstention: Abstention) -> tuple[Suggestion, ...]:
    """Return the nearest sections as questions that can be asked next, best first, each once."""
    offered = {suggestion.question: suggestion for suggestion in map(_suggestion, reversed(abstention.nearest))}
    return tuple(reversed(offered.values()))[:SUGGESTIONS]


def _suggestion(hit: Hit) -> Suggestion:
    """Return the section under its heading and its document's title."""
    name = sources.heading(hit.passage)
    above = hit.passage.context[0] if hit.passage.context else ""
    label = f"{name} · {above}" if above and above != name else name
    question = hit.passage.asked_as[0] if hit.passage.asked_as else label.replace(" · ", ", ")
    return Suggestion(label, question)


def _answering(number: int, turn: Turn, texts: Texts, speaking: str | None, *, waiting: bool) -> tuple[Bubble, ...]:
    """Return the bubble that follows a question; none while its reply has not begun."""
    if isinstance(turn.reply, Answer):
        return (Bubble("assistant", _answer(number, turn.reply, texts, speaking)),)
    if isinstance(turn.reply, Abstention):
        offered = () if waiting else suggestions(turn.reply)
        return (Bubble("assistant", _abstention(turn.reply, texts, offered), offered),)
    if waiting:
        return (Bubble("assistant", '<div class="waiting"><i></i><i></i><i></i></div>'),)
    return (Bubble("assistant", f'<div class="note"><p>{escape(texts.stopped)}</p></div>'),)


def _answer(number: int, answer: Answer, texts: Texts, speaking: str | None) -> str:
    """Return an answer, as far as it has been spoken, with its references once it is whole."""
    whole = speaking is None
    body = rendering.html(answer.text if speaking is None else speaking, sources.allowed(number, answer))
    below = sources.references(number, answer, texts) if whole else ""
    return f'<div class="reply"><div lang="{answer.language}">{body}</div>{below}</div>'


def _abstention(abstention: Abstention, texts: Texts, offered: tuple[Suggestion, ...]) -> str:
    """Return an abstention: that there is no answer, why, whom to ask, and that sections follow."""
    lines = [
        f'<p class="label">{escape(texts.no_answer)}</p>',
        f'<div lang="{abstention.language}">{rendering.html(abstention.text)}</div>',
        f'<p class="nearest">{escape(texts.nearest)}</p>' if offered else "",
    ]
    return f'<div class="reply abstained">{"".join(lines)}</div>'
