"""What one reply is worth to its case; each measure is a number from 0 to 1, or None where it does not apply.

Written definitions stand in ``eval/README.md``; none needs a judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from eval.cases import ANSWERED, SILENT, Case, Unit
from eval.systems import Reply
from eval.texts import content_words, f1, figures, normalised, statements, words

Passages = Mapping[tuple[str, str], Unit]
Values = dict[str, float | None]
SUPPORTED = 0.7
"""Share of a statement's content words that its cited text must hold, besides all its figures."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


class Outcome(StrEnum):
    """What became of a case: right, or where it went wrong first."""

    RIGHT = "right"
    ACCEPTABLE = "right section, key fact not quoted"
    NOT_FOUND = "not found"
    NOT_CHOSEN = "found, not chosen"
    SILENT = "found, but silent"
    WRONG = "says what it must not"
    SHOULD_BE_SILENT = "should have been silent"
    WRONG_LANGUAGE = "wrong language"
    REFUSED = "refused as input"


WORTH = {Outcome.RIGHT: 1.0, Outcome.ACCEPTABLE: 0.5, Outcome.SILENT: 0.0, Outcome.REFUSED: 0.0}
"""Truthfulness of an outcome; every other one is a wrong answer, unless the assistant was silent."""


def outcome(case: Case, reply: Reply, relevant: Mapping[str, int]) -> Outcome:
    """Return what became of a case."""
    if reply.error:
        return Outcome.REFUSED
    if reply.status == "abstained":
        if case.answerability in (*SILENT, "underspecified"):  # who is told whom to ask is asked back, too
            return Outcome.RIGHT
        return Outcome.SILENT if _found(reply, relevant) else Outcome.NOT_FOUND
    if _forbidden(case, reply):
        return Outcome.WRONG
    if case.answerability in SILENT:
        return Outcome.SHOULD_BE_SILENT
    if reply.language != case.reply_language:
        return Outcome.WRONG_LANGUAGE
    cites_gold = any(cited.unit in relevant for cited in reply.citations)
    vital = vital_nuggets(case, reply)
    if vital == 1.0 or (vital is None and cites_gold):
        return Outcome.RIGHT
    if cites_gold:
        return Outcome.ACCEPTABLE
    return Outcome.NOT_CHOSEN if _found(reply, relevant) else Outcome.NOT_FOUND


def truthfulness(case: Case, reply: Reply, relevant: Mapping[str, int]) -> float:
    """Return +1 right, +½ acceptable, 0 silent, −1 wrong."""
    found = outcome(case, reply, relevant)
    if found in WORTH:
        return WORTH[found]
    return 0.0 if reply.status == "abstained" else -1.0


def measures(case: Case, reply: Reply, relevant: Mapping[str, int], passages: Passages) -> Values:
    """Return every measure of a reply."""
    return {
        **_quote_recall(case, reply, passages),
        **_answer(case, reply),
        **_faithfulness(reply, passages),
        **_citations(case, reply, relevant, passages),
        **_silence(case, reply),
        "truthfulness": truthfulness(case, reply, relevant),
        "correct": float(outcome(case, reply, relevant) in (Outcome.RIGHT, Outcome.ACCEPTABLE)),
        "reply_language": None if reply.error else float(reply.language == case.reply_language),
    }


def vital_nuggets(case: Case, reply: Reply) -> float | None:
    """Return 1 if every vital nugget stands in the quotes of the reply, else 0; None if the case has none."""
    vital = [nugget for nugget in case.nuggets if nugget.vital]
    if not vital:
        return None
    said = _quoted(reply)
    return float(all(any(way.casefold() in said for way in nugget.any_of) for nugget in vital))


def _quoted(reply: Reply) -> str:
    return "\n".join(cited.quote for cited in reply.citations).casefold()


def _found(reply: Reply, relevant: Mapping[str, int]) -> bool:
    return any(unit in relevant for unit, _, _ in reply.hits)


def _forbidden(case: Case, reply: Reply) -> bool:
    said = reply.text.casefold()
    return any(each.casefold() in said for each in case.must_not_contain)


def _quote_recall(case: Case, reply: Reply, passages: Passages) -> Values:
    """Return the share of the gold quotes that stand literally in the first 5 and 10 hits."""
    if case.answerability not in ANSWERED or not case.gold_quotes:
        return {"quote_recall@5": None, "quote_recall@10": None}
    texts = [passages[unit, language].text for unit, language, _ in reply.hits]
    held = {k: sum(any(quote in text for text in texts[:k]) for quote in case.gold_quotes) for k in (5, 10)}
    return {f"quote_recall@{k}": held[k] / len(case.gold_quotes) for k in (5, 10)}


def _answer(case: Case, reply: Reply) -> Values:
    """Return how well what is quoted agrees with the gold; silence is worth nothing."""
    names = ("containment", "token_f1", "sentence_f1", "vital_nuggets", "answer_in_first", "answer_in_first_three")
    if case.answerability not in ANSWERED:
        return dict.fromkeys(names)
    language = case.reply_language
    quotes = [cited.quote for cited in reply.citations]
    said = normalised(" ".join(quotes), language)
    gold = [normalised(answer, language) for answer in case.gold_answers]
    keys = [*case.gold_quotes, *case.gold_answers, *(way for nugget in case.nuggets for way in nugget.any_of)]
    return {
        "containment": float(any(answer and f" {answer} " in f" {said} " for answer in gold)) if gold else None,
        "token_f1": max((f1(said.split(), answer.split()) for answer in gold), default=None),
        "sentence_f1": _sentence_f1(quotes, case.gold_quotes, language) if case.gold_quotes else None,
        "vital_nuggets": vital_nuggets(case, reply),
        "answer_in_first": _holds(quotes[:1], keys) if keys else None,
        "answer_in_first_three": _holds(quotes[:3], keys) if keys else None,
    }


def _holds(quotes: Sequence[str], keys: Sequence[str]) -> float:
    return float(any(key.casefold() in quote.casefold() for quote in quotes for key in keys if key.strip()))


def _sentence_f1(quotes: Sequence[str], gold: Sequence[str], language: str) -> float:
    """Return the F1 of the sets of quoted and gold sentences, as normalised words."""
    ours, theirs = (
        {normalised(s, language) for text in texts for s in _SENTENCE.split(text)} - {""} for texts in (quotes, gold)
    )
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def supports(statement: str, texts: Sequence[str]) -> bool:
    """Return whether texts hold a statement: enough of its content words, and all its figures."""
    held = {word for text in texts for word in words(text)}
    wanted = content_words(statement)
    enough = not wanted or sum(word in held for word in wanted) >= SUPPORTED * len(wanted)
    return bool(texts) and enough and figures(statement) <= {figure for text in texts for figure in figures(text)}


def _faithfulness(reply: Reply, passages: Passages) -> Values:
    """Return the share of the statements' content words, and of their figures, that the cited passages hold."""
    said = " ".join(statement for statement, _ in statements(reply.text))
    if reply.status == "abstained" or not said:
        return {"faithfulness": None, "figures_supported": None}
    texts = [p.text for c in reply.citations if (p := passages.get((c.unit, c.language)))]
    held, wanted = {word for text in texts for word in words(text)}, content_words(said)
    ours = figures(said)
    theirs = {figure for text in texts for figure in figures(text)}
    return {
        "faithfulness": sum(word in held for word in wanted) / len(wanted) if wanted else 1.0,
        "figures_supported": len(ours & theirs) / len(ours) if ours else 1.0,
    }


def _citations(case: Case, reply: Reply, relevant: Mapping[str, int], passages: Passages) -> Values:
    """Return whether marks and quotes are sound, the recall and precision of the ALCE rule, and the share that is gold.

    A statement is recalled if its cited quotes support it together; a citation is precise if its statement is recalled
    and the citation alone supports a part of it, or the others without it do not support the whole.
    """
    names = ("mark_validity", "quote_exactness", "citation_recall", "citation_precision", "gold_citations")
    if reply.status == "abstained":
        return dict.fromkeys(names)
    quotes = {cited.mark: cited.quote for cited in reply.citations}
    said = statements(reply.text)
    marks = [mark for _, own in said for mark in own]
    recalled, precise = [], []
    for statement, own in said:
        texts = [quotes[mark] for mark in own if mark in quotes]
        recalled.append(supports(statement, texts))
        for mark in own:
            others = [quotes[other] for other in own if other != mark and other in quotes]
            needed = mark in quotes and (supports(statement, [quotes[mark]]) or not supports(statement, others))
            precise.append(recalled[-1] and needed)
    exact = [c.quote in passages[c.unit, c.language].text for c in reply.citations if (c.unit, c.language) in passages]
    gold = [cited.unit in relevant for cited in reply.citations]
    judged = case.answerability in ANSWERED and bool(relevant)
    return {
        "mark_validity": float(bool(marks) and set(marks) == set(quotes)),
        "quote_exactness": sum(exact) / len(reply.citations) if reply.citations else 0.0,
        "citation_recall": sum(recalled) / len(recalled) if recalled else 0.0,
        "citation_precision": sum(precise) / len(precise) if precise else 0.0,
        "gold_citations": sum(gold) / len(gold) if judged and gold else None,
    }


def _silence(case: Case, reply: Reply) -> Values:
    """Return whether the reply was given or held back against the label."""
    answered = reply.status == "answered"
    return {
        "false_answer": float(answered) if case.answerability in SILENT else None,
        "false_abstention": float(not answered) if case.answerability == "answerable" else None,
        "answered": float(answered),
    }
