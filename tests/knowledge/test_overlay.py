"""What mentors checked and participants told, laid over an index that stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from fakes import FakeEmbedder, document
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.overlay import Overlay, laid_over
from assistant.knowledge.published import CheckedAnswer, CheckedQuote, Published, ToldStory, documents, section_digest
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.types import LANGUAGES, Confidence, Filters, Kind, Source

DAY = date(2026, 11, 22)
TEXT = "The exchange asks for a GPA of 2.67."
BASE = [
    document("rules", TEXT, "The visa takes six weeks."),
    document("rules", "Для обмена нужен GPA 2,67.", "Виза занимает шесть недель.", language="ru"),
    document("poland", "In Poland the dormitory costs 200 euros.", country="PL"),
]
ANSWERS = Filters(kinds=frozenset({Kind.VERIFIED_ANSWER}))
DIGEST = section_digest({"en": TEXT, "ru": "Для обмена нужен GPA 2,67."})


def quoting(section: str = "rules#s0", quote: str = TEXT, digest: str = DIGEST) -> CheckedAnswer:
    """Return an answer that quotes a section."""
    return CheckedAnswer(
        id="a1",
        language="en",
        question="How good must my marks be?",
        text=f"{quote} [1]",
        checked_on=DAY,
        wordings=("which average do I need",),
        quotes=(CheckedQuote(mark=1, section=section, language="en", quote=quote, digest=digest),),
    )


STORY = ToldStory(
    id="s1",
    language="en",
    title="A semester in Poland",
    parts=(("language", "What was hard about the language?", "The zubrowka lessons were in Polish."),),
    published=DAY,
    country="PL",
    year=2025,
)


def laid(*answers: CheckedAnswer, stories: tuple[ToldStory, ...] = (), base: Index | None = None) -> Overlay:
    """Return the overlay of what is given."""
    index = base or in_memory(BASE, FakeEmbedder(languages=frozenset({"en"})))
    return laid_over(index, Published(1, answers, stories), {}, DAY)


def asked(text: str) -> Query:
    """Return an English question."""
    return Query(text=text, language="en", reader="en")


def test_a_story_is_found_beside_the_documents_and_the_base_is_untouched() -> None:
    """A published story is searched with everything else; the index it lies on does not know it."""
    base = in_memory(BASE, FakeEmbedder(languages=frozenset({"en"})))
    over = laid(stories=(STORY,), base=base).index
    found = search(over, asked("zubrowka lessons"))[0]
    assert (found.hit.passage.section, found.kind) == ("told/s1#language", Kind.LESSON)
    assert (found.source.country, found.source.confidence) == ("PL", Confidence.EXPERIENCE)
    assert all(hit.hit.passage.document != "told/s1" for hit in search(base, asked("zubrowka lessons")))


def test_what_is_withdrawn_is_in_no_part_of_the_next_overlay() -> None:
    """Neither rows, texts, vectors nor remembered vectors of a withdrawn story are left."""
    base = in_memory(BASE, FakeEmbedder(languages=frozenset({"en"})))
    before = laid(stories=(STORY,), base=base)
    after = laid_over(base, Published(2), before.remembered, DAY)
    assert after.index is base
    assert after.remembered == {}


def test_a_mentors_answer_is_found_only_if_asked_for() -> None:
    """An answer to one question is never quoted as a source of another."""
    over = laid(quoting()).index
    assert {hit.kind for hit in search(over, asked("How good must my marks be?"))} == {Kind.REGULATION}
    found = search(over, asked("which average do I need"), filters=ANSWERS)
    assert [hit.hit.passage.section for hit in found] == ["answers/a1#answer"]
    assert over.answers["answers/a1", "en"].question == "How good must my marks be?"


def test_the_documents_keep_their_ranking() -> None:
    """What lies over the base changes neither the order nor the scores of its sections."""
    base = in_memory(BASE, FakeEmbedder(languages=frozenset({"en"})))
    over = laid(quoting(), base=base).index
    for question in ("What GPA?", "how long does the visa take", "dormitory Poland"):
        plain, joined = (
            [(h.hit.passage.section, h.hit.score) for h in search(i, asked(question))] for i in (base, over)
        )
        assert joined == pytest.approx(plain) if not plain else [s for s, _ in joined] == [s for s, _ in plain]
        assert [score for _, score in joined] == pytest.approx([score for _, score in plain])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (quoting(section="rules#gone"), "section_gone"),
        (quoting(digest="0" * 64), "section_changed"),
        (quoting(quote="The exchange asks for nothing."), "section_changed"),
    ],
)
def test_an_answer_whose_source_has_changed_is_left_out(answer: CheckedAnswer, why: str) -> None:
    """An answer is bound to what it quotes: when that changes in any language, it is served no more."""
    overlay = laid(answer)
    assert overlay.doubted == {"a1": why}
    assert overlay.index.answers == {}


def test_one_doubtful_language_takes_back_all_versions() -> None:
    """An answer whose Russian version quotes a changed section is not served in English either."""
    russian = replace(quoting(digest="0" * 64), language="ru")
    assert laid(quoting(), russian).index.answers == {}


@pytest.mark.parametrize(("checked_on", "is_due"), [(date(2026, 1, 1), True), (date(2026, 11, 1), False)])
def test_an_answer_is_due_when_its_source_is(checked_on: date, is_due: bool) -> None:
    """A section past its day of review takes the answer back, unless a mentor vouched for it after that day."""
    reviewed = [replace(each, source=Source(review_by=date(2026, 10, 1))) for each in BASE]
    overlay = laid(replace(quoting(), checked_on=checked_on), base=in_memory(reviewed))
    assert overlay.doubted == ({"a1": "review_due"} if is_due else {})


def test_vectors_are_computed_once() -> None:
    """A second overlay embeds only what is new."""
    embedder = FakeEmbedder(languages=frozenset({"en"}))
    base = in_memory(BASE, embedder)
    first = laid_over(base, Published(1, (quoting(),)), {}, DAY)
    done = len(embedder.embedded)
    second = laid_over(base, Published(2, (quoting(),), (STORY,)), first.remembered, DAY)
    assert {text for text in embedder.embedded[done:] if "marks" in text} == set()
    assert set(first.remembered) < set(second.remembered)
    assert np.allclose(second.index.matrix[: len(base.matrix)], base.matrix)


def test_rows_and_vectors_fit_one_another() -> None:
    """Every vector of the joined index belongs to the row that it was made of."""
    over = laid(quoting(), stories=(STORY,)).index
    assert over.offsets[-1] == len(over.matrix) == len(over.vectors)
    assert len(over.rows) == len(list(over.shelf.passages())) == len(over.lexical.score("x").bm25)
    assert over.generation != in_memory(BASE).generation


@given(st.text(max_size=80), st.text(max_size=200))
def test_no_text_of_a_mentor_breaks_its_document(question: str, text: str) -> None:
    """Whatever is written becomes one section, or none if it says nothing, and never a second one."""
    answer = CheckedAnswer(id="x", language="en", question=question, text=text, checked_on=DAY, office="Office")
    (made,) = documents(Published(1, (answer,)))
    assert [passage.anchor for passage in made.passages] in ([], ["answer"])


def test_a_digest_tells_languages_apart() -> None:
    """Moving a text to another language is a change, the order in which versions are given is none."""
    assert section_digest({"en": "a", "ru": "b"}) == section_digest({"ru": "b", "en": "a"})
    assert section_digest({"en": "a"}) != section_digest({"ru": "a"})
    assert len({section_digest({language: "a"}) for language in LANGUAGES}) == len(LANGUAGES)


def test_an_embedder_that_does_not_answer_leaves_the_words() -> None:
    """What is published while the model is away is found by its words, and has its vectors as soon as it is back."""
    embedder = FakeEmbedder()
    base = in_memory(BASE, embedder)
    embedder.is_down = True
    published = Published(1, (), (STORY,))
    before = laid_over(base, published, {}, DAY)
    assert not before.whole
    assert before.remembered == {}
    assert search(before.index, asked("zubrowka lessons"))[0].hit.passage.document == "told/s1"
    embedder.is_down = False
    after = laid_over(base, published, before.remembered, DAY)
    assert after.whole
    added = after.index.matrix[len(base.matrix) :]
    np.testing.assert_allclose(np.linalg.norm(added, axis=1), 1, atol=1e-6)


def test_vectors_of_another_embedder_are_not_taken_over() -> None:
    """When the base is of another model, what was published is embedded by that one, too."""
    first = laid(stories=(STORY,))
    other = FakeEmbedder("fake-2", frozenset({"en"}))
    base = in_memory(BASE, other)
    already = len(other.embedded)
    second = laid_over(base, Published(1, (), (STORY,)), first.remembered, DAY)
    assert len(other.embedded) - already == len(first.remembered)
    assert {name for name, _ in second.remembered} == {"fake-2"}
