"""From a conversation to what the page shows; pure functions without Gradio."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Literal

from assistant.knowledge.published import ANSWERS
from assistant.types import Abstention, Answer, Conversation, Kind, Passage, Reply, Turn
from assistant.web import rendering
from assistant.web.chat import sources
from assistant.web.wording import Texts

KEPT_TURNS = 20
"""Turns a conversation keeps, the newest; older ones would only cost memory and bandwidth."""

FRAMES = 12
"""Steps, at most, in which a reply appears."""

SUGGESTIONS = 3
"""Sections, at most, that are offered after a reply."""

_WAITING = '<div class="waiting"><i></i><i></i><i></i></div>'
_BLOCK_END = re.compile(r"\n[ \t]*\n")
_SENTENCE_END = re.compile(r"(?:[.!?…][»”\")]?(?: ?\[\d{1,3}\]){0,9}|\])[ \n]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A section offered after a reply: what its button says, and the question it asks."""

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
        replied: Whether the last reply has become whole with this screen.
    """

    conversation: Conversation
    bubbles: tuple[Bubble, ...] = ()
    sources: str = ""
    notice: str = ""
    busy: bool = False
    draft: str | None = None
    replied: bool = False


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
    first = conversation.dropped + 1
    for number, turn in enumerate(conversation.turns, start=first):
        last = turn is conversation.turns[-1]
        bubbles.append(Bubble("user", f'<div class="question" id="q-{number}">{rendering.plain(turn.question)}</div>'))
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
    turns = conversation.with_turn(Turn(question)).turns
    kept = turns[-KEPT_TURNS:]
    return Conversation(kept, conversation.dropped + len(turns) - len(kept))


def replied(conversation: Conversation, reply: Reply) -> Conversation:
    """Return the conversation whose last question has got its reply."""
    *before, last = conversation.turns
    return Conversation((*before, Turn(last.question, reply)), conversation.dropped)


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


def without_last(conversation: Conversation) -> Conversation:
    """Return the conversation as it was before its last question."""
    return Conversation(conversation.turns[:-1], conversation.dropped)


def suggestions(reply: Reply, texts: Texts) -> tuple[Suggestion, ...]:
    """Return what can be asked next, best first, each once.

    First a question that a mentor has answered, if it may be the one that was meant; then after an abstention the
    nearest sections, after an answer the neighbours of what it quotes.
    """
    if isinstance(reply, Abstention):
        passages, home = tuple(hit.passage for hit in reply.nearest), ""
    else:
        passages, home = reply.follow_ups, reply.citations[0].passage.document
    offered: dict[str, Suggestion] = {}
    for passage in passages:
        each = _suggestion(passage, home, texts)
        offered.setdefault(each.question, each)
    return tuple(offered.values())[:SUGGESTIONS]


def _suggestion(passage: Passage, home: str, texts: Texts) -> Suggestion:
    """Return the section under its heading, with its document's title unless that is at home in the reply."""
    name = sources.heading(passage)
    if passage.document.startswith(f"{ANSWERS}/"):  # asked in the mentor's words, never in another student's
        return Suggestion(f"{texts.kinds[Kind.VERIFIED_ANSWER]}: {name}", name)
    above = passage.context[0] if passage.context else ""
    whole = f"{name} · {above}" if above and above != name else name
    question = passage.asked_as[0] if passage.asked_as else whole.replace(" · ", ", ")
    return Suggestion(name if passage.document == home else whole, question)


def _answering(number: int, turn: Turn, texts: Texts, speaking: str | None, *, waiting: bool) -> tuple[Bubble, ...]:
    """Return the bubble that follows a question; none while its reply has not begun."""
    if turn.reply is None and waiting:
        return (Bubble("assistant", _WAITING),)
    if turn.reply is None:
        return (Bubble("assistant", f'<div class="note"><p>{escape(texts.stopped)}</p></div>'),)
    offered = () if waiting else suggestions(turn.reply, texts)
    if isinstance(turn.reply, Answer):
        return (Bubble("assistant", _answer(number, turn.reply, texts, speaking, offered), offered),)
    return (Bubble("assistant", _abstention(number, turn.reply, texts, offered, whole=not waiting), offered),)


def _answer(number: int, answer: Answer, texts: Texts, speaking: str | None, offered: tuple[Suggestion, ...]) -> str:
    """Return an answer as far as it has been spoken: dots while a model writes, its references once it is whole."""
    whole = speaking is None
    body = rendering.html(answer.text if speaking is None else speaking, sources.allowed(number, answer))
    below = sources.references(number, answer, texts) + _acts(number, texts, ("copy", "good", "bad", "mentor"))
    further = f'<p class="nearest">{escape(texts.further)}</p>' if offered else ""
    return (
        f'<div class="reply"><div class="words"><div lang="{answer.language}">{body}</div></div>'
        f"{below if whole else ''}{'' if answer.whole else _WAITING}</div>{further if whole else ''}"
    )


def _abstention(
    number: int, abstention: Abstention, texts: Texts, offered: tuple[Suggestion, ...], *, whole: bool
) -> str:
    """Return an abstention: that there is no answer, why, whom to ask, and, once it is whole, what can be done."""
    lines = [
        f'<div class="words"><p class="label">{escape(texts.no_answer)}</p>',
        f'<div lang="{abstention.language}">{rendering.html(abstention.text)}</div></div>',
        _acts(number, texts, ("mentor", "bad")) if whole else "",
    ]
    nearest = f'<p class="nearest">{escape(texts.nearest)}</p>' if offered else ""
    return f'<div class="reply abstained">{"".join(lines)}</div>{nearest}'


def _acts(number: int, texts: Texts, deeds: tuple[str, ...]) -> str:
    """Return the buttons below a reply; the page's script knows what they do by their ids."""
    buttons = (
        f'<button type="button" class="act" id="{deed}-{number}">{escape(texts.deeds[deed])}</button>' for deed in deeds
    )
    return f'<p class="acts">{"".join(buttons)}</p>'
