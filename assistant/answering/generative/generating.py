"""An answer that a language model writes from the sections found; each sentence is verified before it is shown.

The reply of quotes is there before the model is asked. What the model writes is cut into sentences as it comes; each is
compared with the sections that it cites, gets the quotes that carry it, and only then appears. What nothing supports is
dropped; when too little is left, or the model fails, the reply of quotes is given. So a model costs style, never truth.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from assistant.answering.finding import Evidence
from assistant.answering.generative.drafted import Sentence, Stream, forbidden, parroted, prompt_runs, unrelated
from assistant.answering.generative.marking import marked, with_notes
from assistant.answering.generative.outcomes import Outcomes, Tally
from assistant.answering.generative.prompting import LANGUAGE_NAMES, Prompts, estimated_tokens, fence
from assistant.answering.generative.unreviewed import carries
from assistant.answering.generative.writing import Leave, Mask, Prompt, Usage, Writer, Writing
from assistant.answering.language import detect
from assistant.answering.subjects import Subjects
from assistant.answering.verification.verifying import Verdict, Verifier
from assistant.errors import WritingError
from assistant.knowledge.index import Index
from assistant.knowledge.retrieval import Found
from assistant.types import Answer, Drafting, Kind, Language, Passage

MOST_TOKENS = 700
"""Tokens that a model may write for one answer."""
MOST_SENTENCES = 8
LEAST_KEPT = 0.5
"""Share of a model's sentences that must be verified; below it the reply of quotes is given."""
_LEAST_WORDS = 5
_NOTHING = "none"
_NO_FAULTS = frozenset({"none", "left"})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is given for one question, and what its sentences are compared with.

    Attributes:
        prompt: What it is asked.
        found: The numbered sections, in order.
        versions: The language versions of each, the reader's first.
        fence: The line between which the question stands.
    """

    prompt: Prompt
    found: tuple[Found, ...]
    versions: tuple[tuple[Passage, ...], ...]
    fence: str


class Generator:
    """Composes answers with a language model; safe to use from several threads."""

    def __init__(
        self,
        writer: Writer,
        prompts: Prompts,
        *,
        mask: Mask,
        seconds: float,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Write with ``writer``, and give up after ``seconds``; ``mask`` is applied to what a student wrote."""
        self._writer = writer
        self._prompts = prompts
        self._mask = mask
        self._seconds = seconds
        self._today = today
        self._verifier: tuple[Index, Verifier] | None = None
        self._tally = Tally()
        files = prompts.files
        self._own_words = prompt_runs(files[name] for name in ("answer.system", "answer.user"))

    def answers(
        self, index: Index, subjects: Subjects, evidence: Evidence, own: Answer, leave: Leave
    ) -> Iterator[Answer]:
        """Yield the answer as it grows by verified sentences; the last is whole.

        Args:
            index: Where the sections are.
            subjects: What its documents are about.
            evidence: The question, and the sections found for it.
            own: The reply of quotes, which is given if the model's is not good enough.
            leave: Stops the model when nobody waits for it any more.
        """
        question, end = evidence.query.whole, time.monotonic() + self._seconds
        material = self._material(index, question, evidence.found, own.language)
        if material is None:
            room = f"has a context of {self._writer.context} tokens: no section fits into it"
            yield replace(own, drafting=self._done("space", room, _Draft(own.language), Usage()))
            return
        left = max(0.0, end - time.monotonic())  # the endpoint may just have been asked for its context
        writing = self._writer.write(material.prompt, most_tokens=MOST_TOKENS, seconds=left)
        leave.stops(writing.close)
        draft = _Draft(own.language)

        def titled(sentence: str, document: str) -> bool:
            return subjects.unsaid(document, (question, sentence))

        def grown() -> Answer:
            return marked(own, draft.parts, material.found, titled, today=self._today())

        outcome, why = "used", ""
        try:
            for sentence in _sentences(writing):
                if self._take(index, draft, sentence, material) and draft.is_enough:
                    yield grown()
        except WritingError as error:
            outcome, why = error.fault, str(error).removeprefix(f"{self._writer.name} ")
        except Exception as error:  # of ours: a text that cannot be compared is not shown; its words are in no log
            outcome, why = "failed", f"has written what could not be verified: {type(error).__name__}"
        finally:
            writing.close()
        if leave.gone:
            outcome, why = "left", "was stopped: nobody waits any more"
        if outcome == "used":
            outcome, why = _judged(draft, own, material.fence)
        drafting = self._done(outcome, why, draft, writing.usage)
        yield replace(with_notes(grown()) if outcome == "used" else own, drafting=drafting)

    def outcomes(self) -> Outcomes:
        """Return what has come of the replies since the start."""
        return self._tally.told(self._writer.name, self._writer.metered)

    def _material(self, index: Index, question: str, found: Sequence[Found], language: Language) -> Material | None:
        """Return as many sections, the best first, as the model's context has room for; None if it has for none."""
        asked = self._mask(question, language)
        texts = [_section(number, each) for number, each in enumerate(found, start=1)]
        for most in range(len(found), 0, -1):
            sections = "\n\n".join(texts[:most])
            line = fence(asked, sections)
            values = {"fence": line, "question": asked, "sections": sections}
            prompt = self._prompts.make(
                "answer", language=LANGUAGE_NAMES[language], sentences=str(MOST_SENTENCES), **values
            )
            if estimated_tokens(prompt.system + prompt.user) + MOST_TOKENS <= self._writer.context:
                versions = tuple(_versions(index, each, language) for each in found[:most])
                return Material(prompt, tuple(found[:most]), versions, line)
        return None

    def _take(self, index: Index, draft: _Draft, sentence: Sentence, material: Material) -> bool:
        """Verify a sentence and return whether it is kept."""
        if sentence.text.strip(" .").casefold() == _NOTHING:
            draft.empty = True
            return False
        if len(draft.parts) + len(draft.dropped) >= 2 * MOST_SENTENCES:
            return False
        verdict = self._verified(index, sentence, draft.language, material)
        if verdict is None or not verdict.evidence:
            draft.dropped.append(sentence.text)
            return False
        draft.parts.append((sentence, verdict))
        return True

    def _verified(self, index: Index, sentence: Sentence, language: Language, material: Material) -> Verdict | None:
        """Return the verdict on a sentence that may be shown; None if it may not.

        A sentence without a mark stands on the first section that alone supports it.
        """
        if any(not 1 <= mark <= len(material.found) for mark in sentence.marks):
            return None
        cited = [material.versions[mark - 1] for mark in sentence.marks] or list(material.versions)
        held = "\n".join(passage.text for versions in cited for passage in versions)
        if forbidden(sentence.text, held) or parroted(sentence.text, self._own_words):
            return None
        if sentence.text.endswith("?") and sentence.text not in held:
            return None  # what asks states nothing
        if len(sentence.text.split()) >= _LEAST_WORDS and detect(sentence.text, fallback=language) != language:
            return None
        verify = self._verifier_of(index).verify
        alone = [cited] if sentence.marks else [[versions] for versions in cited]
        verdicts = (verify(sentence.text, language, each) for each in alone)
        return next((each for each in verdicts if _is_shown(sentence.text, language, each, material.found)), None)

    def _verifier_of(self, index: Index) -> Verifier:
        known = self._verifier
        if known is None or known[0] is not index:
            known = self._verifier = (index, Verifier.of(index))
        return known[1]

    def _done(self, outcome: str, why: str, draft: _Draft, usage: Usage) -> Drafting:
        """Return the record of a reply; it is counted, and the log says why it is of quotes, if it is."""
        drafting = Drafting(
            model=self._writer.name, prompt=self._prompts.digest("answer"), outcome=outcome,
            kept=len(draft.parts), dropped=tuple(draft.dropped),
            tokens_in=usage.tokens_in, tokens_out=usage.tokens_out, seconds=round(usage.seconds, 3),
        )  # fmt: skip
        self._tally.add(drafting)
        if outcome != "used":
            level = logging.INFO if outcome in _NO_FAULTS else logging.WARNING
            _log.log(level, "the reply is of quotes (%s): %s %s", outcome, self._writer.name, why)
        return drafting


@dataclass(slots=True)
class _Draft:
    """What has been written and verified so far; lives as long as one reply."""

    language: Language
    parts: list[tuple[Sentence, Verdict]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    empty: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether enough of what has come so far is verified."""
        return len(self.parts) >= max(1.0, LEAST_KEPT * (len(self.parts) + len(self.dropped)))


def _sentences(writing: Writing) -> Iterator[Sentence]:
    stream = Stream()
    for piece in writing:
        yield from stream.add(piece)
    yield from stream.end()


def _judged(draft: _Draft, own: Answer, fence: str) -> tuple[str, str]:
    """Return whether a draft that came to its end is used, and why not.

    Enough of it must be verified and stand on the evidence; who repeats the prompt has not answered.
    """
    kept, dropped = len(draft.parts), len(draft.dropped)
    if not kept and not dropped:
        return ("none", "has found no answer in the sections") if draft.empty else ("unsupported", "has said nothing")
    if any(fence in sentence for sentence in draft.dropped):
        return "unsupported", "has repeated what it was asked with"
    if not draft.is_enough:
        return "unsupported", f"has written {kept + dropped} sentences, of which {kept} are supported"
    quoted = {citation.passage.section for citation in own.citations}
    said = {each.passage.section for _, verdict in draft.parts for each in verdict.evidence}
    return ("used", "") if quoted & said else ("unsupported", "has written of other sections than those that answer")


def _is_shown(text: str, language: Language, verdict: Verdict, found: Sequence[Found]) -> bool:
    """Return whether a sentence is supported, in the reader's language, and says what is unreviewed in its words."""
    if not verdict.supported or _left_foreign(text, verdict, language) or _is_apart(text, verdict, language):
        return False
    return _in_own_words(text, verdict, found)


def _is_apart(text: str, verdict: Verdict, language: Language) -> bool:
    """Return whether a sentence that is no whole quote is about something else than what carries it."""
    passages = {each.passage.section: each.passage for each in verdict.evidence}.values()
    held = "\n".join("\n".join((*each.context, each.heading, each.text)) for each in passages)
    is_whole = verdict.support == 1
    return not is_whole and all(each.language == language for each in passages) and unrelated(text, held)


def _left_foreign(text: str, verdict: Verdict, language: Language) -> bool:
    """Return whether a sentence is in the language of what carries it, if that is not the reader's.

    Of a few words the language is hard to tell; those of a text in another language are taken to be in that one.
    """
    others = {each.passage.language for each in verdict.evidence} - {language}
    return any(detect(text, fallback=other) != language for other in others)


def _in_own_words(text: str, verdict: Verdict, found: Sequence[Found]) -> bool:
    """Return whether a sentence that stands on a user's own document says what stands there, in its words."""
    own = {each.hit.passage.section for each in found if each.kind is Kind.OTHER}
    quotes = [each.passage.text[each.start : each.end] for each in verdict.evidence if each.passage.section in own]
    return not quotes or any(carries(quote, text) for quote in quotes)


def _versions(index: Index, found: Found, language: Language) -> tuple[Passage, ...]:
    """Return the language versions of a section, the one that the reader sees first."""
    shown = found.hit.passage
    rows = (index.rows[row] for row in index.versions.get(shown.section, ()))
    others = (index.shelf.read(row)[0] for row in rows if row.language != shown.language)
    return (shown, *sorted(others, key=lambda passage: passage.language != language))


def _section(number: int, found: Found) -> str:
    """Return a section as the model sees it, with what kind of text it is."""
    passage, source = found.hit.passage, found.source
    above = " · ".join(part for part in (*passage.context, passage.heading) if part)
    kind = "experience of one participant" if found.kind is Kind.LESSON else found.kind.value.replace("_", " ")
    return f"[{number}] {above} ({kind}, {source.institution or source.title}, {source.dated})\n{passage.text.strip()}"
