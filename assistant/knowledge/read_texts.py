"""Which text of a passage each leg of the search reads."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.types import Passage


def embedded_texts(passage: Passage) -> Iterable[str]:
    """Yield the texts of a passage that are embedded: the section, then each of its units.

    A sentence is embedded with its title and heading in front, because sentences of real pages repeat; a way of
    asking stands for itself.
    """
    titles = [*passage.context[-1:], passage.heading] if passage.heading else [*passage.context[-1:]]
    lead = "".join(f"{title.rstrip('.?!')}. " for title in titles if title)
    yield "\n".join([*passage.context, passage.heading, passage.text]).strip()
    for sentence in passage.sentences:
        yield lead + passage.quote(sentence)
    yield from passage.asked_as


def searched_text(passage: Passage) -> str:
    """Return the text of a passage that the lexical index reads: titles twice, text, ways of asking.

    Titles count twice: a word of the heading says more about a section than the same word below it.
    """
    titles = [*passage.context, passage.heading]
    return "\n".join([*titles, *titles, passage.text, *passage.asked_as])
