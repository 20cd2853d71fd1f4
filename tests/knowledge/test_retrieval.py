"""Searching: what is filtered, what is shown, which side votes, and what no order may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEmbedder, document
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.ranking import Query
from assistant.knowledge.reranking import RERANKED, RERANKER_WEIGHT, by_both
from assistant.knowledge.retrieval import Found, search
from assistant.types import LANGUAGES, Document, Filters, Kind, Language

GPA = {
    "en": "A GPA of at least 2.67 is asked for by the university.",
    "ru": "Университет просит средний балл GPA не ниже 2,67.",
    "kk": "Университет GPA орташа балын кемінде 2,67 сұрайды.",
}
MONEY = {
    "en": "The dormitory costs 200 euros a month in Poland.",
    "ru": "Общежитие в Польше стоит 200 евро в месяц.",
    "kk": "Польшада жатақхана айына 200 еуро тұрады.",
}


def base() -> list[Document]:
    """Return two documents in three languages and two in English alone."""
    return [
        *(
            document("regulations/a", GPA[lang], MONEY[lang], language=lang, country="KZ", programme="Bolashak")
            for lang in LANGUAGES
        ),
        *(
            document("adaptation/b", MONEY[lang], language=lang, kind=Kind.ADAPTATION, country="PL")
            for lang in LANGUAGES
        ),
        document("research/c", "Students abroad report a language barrier.", kind=Kind.RESEARCH),
        document("lessons/d", "Bring money for the first month.", kind=Kind.LESSON, programme="Erasmus+"),
    ]


def asked(text: str, language: Language = "en", earlier: str = "") -> Query:
    """Return a query whose reader reads the language it is asked in."""
    return Query(text=text, language=language, reader=language, earlier=earlier)


def places(found: tuple[Found, ...]) -> list[str]:
    """Return the sections found, in order."""
    return [each.hit.passage.section for each in found]


@pytest.fixture(scope="module")
def index() -> Index:
    """Return an index whose embedder knows English alone, as the bundled model does."""
    return in_memory(base(), FakeEmbedder(languages=frozenset({"en"})))


@pytest.mark.parametrize("question", ["dormitory money", "GPA", "language barrier", "zzz"])
def test_filters_keep_all_else_out(index: Index, question: str) -> None:
    """Kind, country and programme each leave only documents that have them, and together both."""
    for found in search(index, asked(question), filters=Filters(kinds=frozenset({Kind.LESSON, Kind.RESEARCH}))):
        assert found.kind in {Kind.LESSON, Kind.RESEARCH}
    for found in search(index, asked(question), filters=Filters(countries=frozenset({"PL"}))):
        assert found.source.country == "PL"
    for found in search(index, asked(question), filters=Filters(programmes=frozenset({"Bolashak"}))):
        assert found.source.programme == "Bolashak"
    both = Filters(kinds=frozenset({Kind.LESSON}), countries=frozenset({"PL"}))
    assert search(index, asked(question), filters=both) == ()


def test_a_filter_that_nothing_passes_finds_nothing(index: Index) -> None:
    """An unknown country is no error."""
    assert search(index, asked("GPA"), filters=Filters(countries=frozenset({"XX"}))) == ()


def test_filters_find_what_is_far_down_the_list() -> None:
    """A section that passes is found behind hundreds of better ones that do not."""
    crowd = [document(f"notes/{n}", "The visa of the embassy costs money.") for n in range(400)]
    lone = document("lessons/lone", "A visa took me weeks.", kind=Kind.LESSON)
    crowded = in_memory([*crowd, lone], FakeEmbedder())
    found = search(crowded, asked("embassy visa costs money"), filters=Filters(kinds=frozenset({Kind.LESSON})))
    assert places(found) == ["lessons/lone#s0"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_section_comes_once_in_the_readers_language(index: Index, language: Language) -> None:
    """Of a section's versions one is shown: the reader's where there is one."""
    found = search(index, asked("dormitory общежитие жатақхана GPA", language), k=100)
    assert len(places(found)) == len(set(places(found))) == 5
    for each in found:
        has_versions = each.hit.passage.document in {"regulations/a", "adaptation/b"}
        assert each.hit.passage.language == (language if has_versions else "en")


def test_the_version_found_is_shown_where_the_readers_is_missing(index: Index) -> None:
    """A Kazakh reader sees the English original rather than nothing."""
    query = Query(text="language barrier", language="en", reader="kk")
    assert search(index, query)[0].hit.passage.language == "en"


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_dense_side_is_silent_in_languages_it_does_not_know(language: Language) -> None:
    """A question in an unknown language is never embedded, and no hit has a cosine."""
    embedder = FakeEmbedder(languages=frozenset({"en"}))
    found = search(in_memory(base(), embedder), asked("GPA 2,67", language))
    assert embedder.asked == []
    assert found
    assert all("section_cosine" not in each.hit.signals for each in found)


def test_only_texts_in_known_languages_are_embedded() -> None:
    """Nothing in Cyrillic reaches a model that does not read it."""
    embedder = FakeEmbedder(languages=frozenset({"en"}))
    in_memory(base(), embedder)
    assert embedder.embedded
    assert all(not any("\u0400" <= c <= "\u04ff" for c in text) for text in embedder.embedded)


def test_the_dense_side_votes_where_it_can(index: Index) -> None:
    """An English question has two cosines on each English hit, between -1 and 1."""
    found = search(index, asked("What GPA is asked for?"))
    assert places(found)[0] == "regulations/a#s0"
    for name in ("section_cosine", "sentence_cosine"):
        assert -1.001 <= found[0].hit.signals[name] <= 1.001


@settings(max_examples=30)
@given(order=st.permutations(range(len(base()))), question=st.sampled_from(["GPA at university", "month Poland euros"]))
def test_the_order_of_the_documents_does_not_matter(order: list[int], question: str) -> None:
    """Sections get the same scores however the documents are ordered."""
    documents = base()
    plain = search(in_memory(documents, FakeEmbedder()), asked(question), k=50)
    mixed = search(in_memory([documents[i] for i in order], FakeEmbedder()), asked(question), k=50)
    scores = {each.hit.passage.section: each.hit.score for each in plain}
    assert {each.hit.passage.section: each.hit.score for each in mixed} == pytest.approx(scores, abs=1e-5)


@given(k=st.integers(-3, 20))
def test_k_bounds_the_hits(index: Index, k: int) -> None:
    """Never more than ``k`` hits, all sections if there are fewer, and shorter lists begin longer ones."""
    found = places(search(index, asked("dormitory"), k=k))
    assert len(found) == min(max(k, 0), 5)
    assert found == places(search(index, asked("dormitory"), k=20))[: max(k, 0)]


def test_scores_fall_and_stay_within_bounds(index: Index) -> None:
    """The best comes first, and every score lies between 0 and 1."""
    scores = [each.hit.score for each in search(index, asked("GPA of the university"), k=50)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_detailed_hits_score_each_sentence(index: Index) -> None:
    """The first hits carry one score per sentence of what is shown, the others none."""
    found = search(index, asked("GPA"), k=5, detailed=2)
    for rank, each in enumerate(found):
        assert len(each.hit.sentence_scores) == (len(each.hit.passage.sentences) if rank < 2 else 0)


def test_an_earlier_question_draws_its_sections_up(index: Index) -> None:
    """What a question continues counts: "And in Poland?" behind a question about dormitories."""
    alone = search(index, asked("And how much?"))
    continued = search(index, asked("And how much?", earlier="dormitory in Poland"))
    assert "dormitory" in continued[0].hit.passage.text
    assert {e.hit.passage.section: e.hit.score for e in continued} != {
        e.hit.passage.section: e.hit.score for e in alone
    }


def test_an_empty_base_finds_nothing() -> None:
    """Without documents there are no hits and no error."""
    assert search(in_memory([], FakeEmbedder()), asked("GPA")) == ()
    assert search(in_memory([]), asked("GPA")) == ()


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_question_can_be_searched_for(index: Index, text: str) -> None:
    """Whatever words come, the search ends without an error and within its bounds."""
    assert len(search(index, asked(text), k=3)) <= 3


def test_an_embedder_that_does_not_answer_leaves_the_words(caplog: pytest.LogCaptureFixture) -> None:
    """While the model is away the question is searched by its words, as without a model; the log has no word of it."""
    embedder = FakeEmbedder()
    index = in_memory(base(), embedder)
    embedder.is_down = True
    question = asked("What GPA is asked for?")
    by_words = search(replace(index, embedder=None), question)
    found = search(index, question)
    assert [each.hit for each in found] == [each.hit for each in by_words]
    assert "does not answer" in caplog.text
    assert "GPA" not in caplog.text
    embedder.is_down = False
    assert "section_cosine" in search(index, question)[0].hit.signals


def test_declared_languages_need_no_projection() -> None:
    """A question in a language that the embedder knows has its own vector, however many are parallel."""
    embedder = FakeEmbedder()
    found = search(in_memory(base(), embedder), asked("GPA 2,67", "ru"))
    assert embedder.asked == ["GPA 2,67"]
    assert all("projected_section_cosine" not in each.hit.signals for each in found)
    assert "section_cosine" in found[0].hit.signals


class Second:
    """A reranker for which the texts that hold a word are relevant.

    Attributes:
        read: What it was given.
    """

    def __init__(self, word: str = "", *, fails: bool = False) -> None:
        self.word, self.fails = word, fails
        self.read: list[tuple[str, list[str]]] = []

    def relevance(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Return 1 for a text with the word, 0 for one without."""
        if self.fails:
            raise ModelError("the reranker has not done within its time")
        self.read.append((question, list(texts)))
        return np.array([float(self.word in text) for text in texts])


def many() -> Index:
    """Return an index of 30 sections that speak of a grant."""
    return in_memory([document("notes", *(f"Grant number{place} is paid in Warsaw." for place in range(30)))])


def test_a_reranker_draws_up_what_it_finds_relevant() -> None:
    """What both like best comes first, with the scores that the search gave, handed out in the new order."""
    index, question = many(), asked("Which grant is paid?")
    plain = search(index, question)
    wanted = plain[7].hit.passage.anchor.removeprefix("s")
    second = Second(f"number{wanted} ")
    found = search(replace(index, reranker=second), question)
    assert found[0].hit.passage.section == plain[7].hit.passage.section
    assert [each.hit.score for each in found] == [each.hit.score for each in plain]
    [(read, texts)] = second.read
    assert read == question.text
    assert len(texts) == RERANKED
    assert all(text.startswith("Title of notes\nSection") for text in texts)


def test_a_reranker_reads_the_readers_version(index: Index) -> None:
    """It reads what the reader would see, in the reader's language where there is such a version."""
    second = Second()
    query = Query(text="GPA", language="en", reader="ru")
    found = search(replace(index, reranker=second), query, k=50)
    [(_, texts)] = second.read
    assert {each.hit.passage.text for each in found} == {text.rpartition("\n")[2] for text in texts}


def test_a_reranker_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The order is that of the search, and the log says why, without the question."""
    index, question = many(), asked("Which grant is paid?")
    assert search(replace(index, reranker=Second(fails=True)), question) == search(index, question)
    assert "within its time" in caplog.text
    assert "paid" not in caplog.text


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_the_order_of_both_holds_everything_once(pairs: list[tuple[float, float]]) -> None:
    """Every section comes once; who is better by both comes first; without a difference all stays as it is."""
    scores, relevance = (np.array(each) for each in zip(*pairs, strict=True))
    order = by_both(scores, relevance)
    assert sorted(order) == list(range(len(pairs)))
    fused = (1 - RERANKER_WEIGHT) * scores + RERANKER_WEIGHT * relevance
    assert (np.diff(fused[order]) <= 0).all()
    assert by_both(np.zeros(len(pairs)), np.ones(len(pairs))).tolist() == list(range(len(pairs)))
