"""Where a sentence contradicts what it cites: another figure, unit or date, a name that is not there, another polarity.

One mismatch rejects a sentence, however alike the words are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answering.verification.claims import Fact, facts, rates
from assistant.answering.verification.mentions import Mentions
from assistant.answering.verification.sections import Section
from assistant.types import Language

MismatchKind = Literal["number", "unit", "side", "rate", "name", "thing", "negation", "modality", "opposite"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing in which a sentence differs from what it cites.

    Attributes:
        kind: What it is; ``side`` is before for after or at least for at most, ``thing`` an office or document.
        said: What the sentence says, as it was read.
    """

    kind: MismatchKind
    said: str


def stated(sentence: str, language: Language) -> tuple[Fact, ...]:
    """Return the figures that a sentence must be able to show; "one" alone is an article in many languages."""
    return tuple(
        fact for fact in facts(sentence, language) if not fact.implied and (fact.value, fact.unit) != ("1", "")
    )


def holds(known: Sequence[Fact], fact: Fact) -> bool:
    """Return whether a figure is among others, with a unit that does not contradict it."""
    return any(_same(each, fact) for each in known)


def _same(known: Fact, fact: Fact) -> bool:
    if known.unit and fact.unit:
        return (known.value, known.unit) == (fact.value, fact.unit)
    return fact.raw in (known.raw, known.value)


def in_figures(sentence: str, language: Language, cited: Sequence[Section]) -> Iterator[Mismatch]:
    """Yield the figures of a sentence that no cited section holds in any language, or holds otherwise."""
    known = [fact for section in cited for fact in section.facts]
    mentioned = frozenset().union(*(section.periods for section in cited))
    for fact in stated(sentence, language):
        same = [each for each in known if fact.raw in (each.raw, each.value) or each.value == fact.value]
        fitting = [each for each in same if _same(each, fact)]
        said = f"{fact.value} {fact.unit}".strip()
        if not same:
            yield Mismatch("number", said)
        elif not fitting:
            yield Mismatch("unit", said)
        elif fact.sides and all(each.sides and each.sides.isdisjoint(fact.sides) for each in fitting):
            yield Mismatch("side", f"{' '.join(sorted(fact.sides))} {said}")
    yield from (Mismatch("rate", period) for period in sorted(rates(sentence, language) - mentioned))


def in_names(said: Mentions, cited: Sequence[Section]) -> Iterator[Mismatch]:
    """Yield the names and things of a sentence that no cited section names in any language."""
    known = [section.mentions for section in cited]
    yield from (Mismatch("name", name) for name in unnamed(said, known))
    held = frozenset().union(*(each.terms | each.implied for each in known))
    yield from (Mismatch("thing", term) for term in sorted(said.terms - held))


def unnamed(said: Mentions, known: Sequence[Mentions]) -> list[str]:
    """Return the names of a sentence that other texts do not name."""
    keys, hosts = (frozenset().union(*(getattr(each, kind) for each in known)) for kind in ("keys", "hosts"))
    proper = (name for name in said.proper if not any(each.holds(name) for each in known))
    return sorted((*(said.keys - keys), *(said.hosts - hosts), *proper))
