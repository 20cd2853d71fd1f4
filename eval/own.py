"""Our own questions on the shipped knowledge base: asked through the public interface, and scored."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.types import LANGUAGES, Language

DATASET = Path(__file__).resolve().parent / "datasets" / "students"
_Z95 = 1.959964  # the normal quantile of a 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question with what a right reply to it must do.

    Attributes:
        id: Name of the case, unique in its set.
        lang: Language in which the reply is expected.
        question: What the student typed.
        history: The earlier questions, oldest first.
        answerable: Whether the knowledge base answers it.
        gold_sections: ``document#anchor`` of each section that answers it.
        gold_any: Strings of which one in a quote makes the reply right.
    """

    id: str
    lang: Language
    question: str
    history: tuple[str, ...]
    answerable: bool
    gold_sections: frozenset[str]
    gold_any: tuple[str, ...]


class Outcome(StrEnum):
    """What a reply turned out to be."""

    RIGHT = "right"
    FALSE_ANSWER = "false answer"
    FALSE_ABSTENTION = "false abstention"
    WRONG_PLACE = "wrong place"
    WRONG_LANGUAGE = "wrong language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One scored case: the outcome, and whether a quote holds one of the case's strings."""

    case: Case
    outcome: Outcome
    key_quoted: bool
    reply: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """A count among a total with its Wilson 95 % interval."""

    count: int
    total: int
    low: float
    high: float

    @classmethod
    def of(cls, flags: Sequence[bool]) -> Share:
        """Return the share of true flags; of no flags it is nothing in the interval from 0 to 1."""
        return cls(sum(flags), len(flags), *wilson(sum(flags), len(flags)))

    def __str__(self) -> str:
        """Return ``count/total = share [low, high]``."""
        value = f"{self.count / self.total:.2f}" if self.total else "–"
        return f"{self.count}/{self.total} = {value} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of one group of cases."""

    right: Share
    false_answers: Share
    false_abstentions: Share
    key_quoted: Share


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return the ends of the Wilson 95 % interval of ``count`` among ``total``."""
    if not total:
        return 0.0, 1.0
    share, square = count / total, _Z95**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _Z95 / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def read_cases(folder: Path) -> tuple[Case, ...]:
    """Return the cases of ``folder/cases.jsonl`` in their order.

    Raises:
        ValueError: If a line is no case or an id comes twice; the message names the line.
        OSError: If the file cannot be read.
    """
    path = folder / "cases.jsonl"
    cases: dict[str, Case] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            case = _case(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number}: {error!r}; see README.md beside it for the fields") from error
        if case.id in cases:
            raise ValueError(f"{path}:{number}: the id {case.id!r} comes twice; give each case its own")
        cases[case.id] = case
    return tuple(cases.values())


def _case(data: Mapping[str, Any]) -> Case:
    if data["lang"] not in LANGUAGES:
        raise ValueError(f"lang {data['lang']!r} is none of {', '.join(LANGUAGES)}")
    if data["answerability"] not in ("answerable", "unanswerable"):
        raise ValueError(f"answerability {data['answerability']!r} is neither answerable nor unanswerable")
    return Case(
        id=data["id"],
        lang=data["lang"],
        question=data["question"],
        history=tuple(data["history"]),
        answerable=data["answerability"] == "answerable",
        gold_sections=frozenset(data["gold_sections"]),
        gold_any=tuple(data["gold_any"]),
    )


def judge(case: Case, reply: Mapping[str, Any]) -> Verdict:
    """Return what a reply, given in the JSON of the contract, is to its case."""
    citations = reply["citations"]
    quotes = [citation["quote"].casefold() for citation in citations]
    key_quoted = any(key.casefold() in quote for key in case.gold_any for quote in quotes)
    cited = any(citation["section"] in case.gold_sections for citation in citations)
    abstained = reply["status"] == "abstained"
    if not case.answerable:
        outcome = Outcome.RIGHT if abstained else Outcome.FALSE_ANSWER
    elif abstained:
        outcome = Outcome.FALSE_ABSTENTION
    elif not (cited or key_quoted):
        outcome = Outcome.WRONG_PLACE
    else:
        outcome = Outcome.RIGHT if reply["language"] == case.lang else Outcome.WRONG_LANGUAGE
    return Verdict(case=case, outcome=outcome, key_quoted=key_quoted, reply=reply)


def summarise(verdicts: Sequence[Verdict]) -> Summary:
    """Return the figures of some verdicts."""
    answerable = [each for each in verdicts if each.case.answerable]
    unanswerable = [each for each in verdicts if not each.case.answerable]
    return Summary(
        right=Share.of([each.outcome is Outcome.RIGHT for each in verdicts]),
        false_answers=Share.of([each.outcome is Outcome.FALSE_ANSWER for each in unanswerable]),
        false_abstentions=Share.of([each.outcome is Outcome.FALSE_ABSTENTION for each in answerable]),
        key_quoted=Share.of([each.key_quoted for each in answerable]),
    )


def by_language(verdicts: Sequence[Verdict]) -> dict[str, Summary]:
    """Return the figures of all verdicts, then of each language that occurs."""
    groups = {"all": summarise(verdicts)}
    for language in LANGUAGES:
        own = [each for each in verdicts if each.case.lang == language]
        if own:
            groups[language] = summarise(own)
    return groups


def ask_all(cases: Sequence[Case]) -> tuple[Verdict, ...]:
    """Return the verdicts on the replies of the configured assistant.

    Raises:
        AssistantError: If the assistant cannot be opened.
    """
    from assistant.bootstrap import open_assistant
    from assistant.contract import reply_json
    from assistant.settings import load_settings
    from assistant.types import Conversation, Turn

    assistant = open_assistant(load_settings())
    verdicts = []
    for case in cases:
        conversation = Conversation(tuple(Turn(earlier) for earlier in case.history))
        verdicts.append(judge(case, reply_json(assistant.ask(case.question, conversation=conversation))))
    return tuple(verdicts)


def as_data(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the figures and every case with its outcome and reply as plain data."""
    cases = [
        {"id": each.case.id, "outcome": each.outcome.value, "key_quoted": each.key_quoted, "reply": each.reply}
        for each in verdicts
    ]
    return {"figures": {name: asdict(each) for name, each in by_language(verdicts).items()}, "cases": cases}


def as_text(verdicts: Sequence[Verdict]) -> str:
    """Return the figures as a table, then every reply that was not right."""
    lines = []
    for name, summary in by_language(verdicts).items():
        lines += [
            f"{name:4}right                             {summary.right}",
            f"    false answers to unanswerable     {summary.false_answers}",
            f"    false abstentions on answerable   {summary.false_abstentions}",
            f"    a key string stands in a quote    {summary.key_quoted}",
        ]
    wrong = [each for each in verdicts if each.outcome is not Outcome.RIGHT]
    lines.append(f"\n{len(wrong)} of {len(verdicts)} replies are wrong")
    for each in wrong:
        lines += _told(each)
    return "\n".join(lines)


def _told(verdict: Verdict) -> list[str]:
    """Return a wrong reply as lines: what was asked, what was replied, what was wanted."""
    case, reply = verdict.case, verdict.reply
    asked = " → ".join((*case.history, case.question))
    reason = f", {reply['reason']}" if reply["reason"] else ""
    lines = [f"\n{case.id}  {verdict.outcome.value}: {asked}"]
    lines.append(f"  {reply['status']}{reason}, in {reply['language']}, support {reply['support']:.2f}")
    lines += [f"  [{each['mark']}] {each['section']}: {each['quote'][:160]}" for each in reply["citations"]]
    if not reply["citations"]:
        lines.append("  nearest: " + ", ".join(hit["section"] for hit in reply["nearest"]))
    if case.answerable:
        lines.append("  wanted: " + ", ".join(sorted(case.gold_sections)))
    return lines
