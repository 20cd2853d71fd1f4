"""A mentor's answer reaches who asks the same, and nobody whose question names something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from fakes import FakeEmbedder, document

from assistant.answering.aspects import aspects
from assistant.answering.assistant import Assistant
from assistant.answering.likeness import SIGNALS, Likeness, terms
from assistant.answering.support import Calibration
from assistant.contract import reply_json
from assistant.errors import SettingError
from assistant.knowledge.index import in_memory
from assistant.knowledge.overlay import laid_over
from assistant.knowledge.published import CheckedAnswer, CheckedQuote, Published, ToldStory, section_digest
from assistant.types import LANGUAGES, Abstention, Answer, Circumstances, Filters, Kind, Language

DAY = date(2026, 11, 22)
ENGLISH = "You apply for a visa at the consulate of Poland. The visa costs 80 euros in 2025."
RUSSIAN = "Заявление на визу подают в консульство Польши. Виза стоит 80 евро в 2025 году."
KAZAKH = "Виза алу үшін Польша консулдығына өтініш береді. Виза 2025 жылы 80 еуро тұрады."
BASE = in_memory(
    [
        document("visa", ENGLISH, "The dormitory has two beds in each room.", country="PL"),
        document("visa", RUSSIAN, "В каждой комнате общежития две кровати.", country="PL", language="ru"),
        document("visa", KAZAKH, "Жатақхананың әр бөлмесінде екі төсек бар.", country="PL", language="kk"),
    ],
    FakeEmbedder(languages=frozenset({"en"})),
)
DIGEST = section_digest({"en": ENGLISH, "ru": RUSSIAN, "kk": KAZAKH})
QUESTIONS: dict[Language, str] = {
    "en": "How much is the visa for Poland?",
    "ru": "Сколько стоит виза в Польшу?",
    "kk": "Польша визасы қанша тұрады?",
}
QUOTES: dict[Language, str] = {
    "en": "The visa costs 80 euros in 2025.",
    "ru": "Виза стоит 80 евро в 2025 году.",
    "kk": "Виза 2025 жылы 80 еуро тұрады.",
}


def answer(language: Language) -> CheckedAnswer:
    """Return a mentor's answer in a language."""
    quote = CheckedQuote(mark=1, section="visa#s0", language=language, quote=QUOTES[language], digest=DIGEST)
    return CheckedAnswer(
        id="v1", language=language, question=QUESTIONS[language], text=f"{QUOTES[language]} [1]", checked_on=DAY,
        wordings=(f"{QUESTIONS[language].rstrip('?')} 2025?",), quotes=(quote,),
    )  # fmt: skip


BY_OFFICE = CheckedAnswer(
    id="o1", language="en", question="Does the bus go to the airport at night?", text="The bus goes every hour.",
    checked_on=DAY, office="International office", office_date=date(2026, 11, 1),
)  # fmt: skip


def over(*answers: CheckedAnswer, stories: tuple[ToldStory, ...] = ()) -> Assistant:
    """Return an assistant with these answers and stories."""
    index = laid_over(BASE, Published(1, answers, stories), {}, DAY).index
    return Assistant(lambda: index, calibration=Calibration.shipped(), today=lambda: DAY)


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Give a function that sets the bars for serving and for suggesting."""

    def setting(serve: float, suggest: float) -> None:
        size = terms(np.zeros((1, len(SIGNALS)))).shape[1]
        even = Likeness(np.zeros(size), np.ones(size), np.zeros(size), 0.0, serve, suggest)
        monkeypatch.setattr(Likeness, "shipped", classmethod(lambda cls: even))

    return setting


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_question_gets_the_mentors_words(language: Language) -> None:
    """Asked as the mentor put it or as a student worded it, it is answered verbatim, with date and quote."""
    assistant = over(*map(answer, LANGUAGES))
    for question in (QUESTIONS[language], *answer(language).wordings, QUESTIONS[language].upper()):
        reply = assistant.ask(question, page_language=language)
        assert isinstance(reply, Answer)
        assert (reply.composer, reply.checked_on, reply.language) == ("verified", DAY, language)
        assert reply_json(reply)["verified"] == reply.verified == "v1"  # by which mentors find it
        assert answer(language).text in reply.text
        assert [(each.quote, each.kind) for each in reply.citations] == [(QUOTES[language], Kind.REGULATION)]


def test_after_a_mentors_answer_its_sources_neighbours_can_be_asked() -> None:
    """What stands beside the quoted section is offered next, as after any answer."""
    reply = over(answer("en")).ask(QUESTIONS["en"])
    assert isinstance(reply, Answer)
    assert [passage.section for passage in reply.follow_ups] == ["visa#s1"]


@pytest.mark.parametrize("wording", ["How much is the visa?", "And for English?"])
def test_the_same_words_of_somebody_else_need_not_mean_the_same(
    wording: str, bars: Callable[[float, float], None]
) -> None:
    """A wording that leaves out the country, or leans on an earlier question, settles nothing for others."""
    bars(0.99, 0.99)
    worded = replace(answer("en"), wordings=(wording,))
    replies = [over(worded).ask(wording, about=about) for about in (Circumstances(), Circumstances(country="PL"))]
    given = [isinstance(reply, Answer) and reply.composer == "verified" for reply in replies]
    assert given == [False, wording.startswith("How")]


def test_an_answer_is_given_in_no_language_in_which_nobody_wrote_it() -> None:
    """A mentor's English answer is not given to a question in Russian."""
    reply = over(answer("en")).ask(QUESTIONS["ru"], page_language="ru")
    assert not isinstance(reply, Answer) or reply.composer == "extractive"


@pytest.mark.parametrize(
    "question",
    ["How much is the visa for Germany?", "How much is the visa for Türkiye?", "How much is a Chinese visa?"],
)
def test_another_country_is_never_the_same_question(question: str, bars: Callable[[float, float], None]) -> None:
    """Even if the model takes everything for the same, a question that names another country gets no such answer."""
    bars(0.0, 0.0)
    reply = over(answer("en")).ask(question)
    assert not isinstance(reply, Answer) or reply.composer == "extractive"
    assert "answers/v1" not in {hit.passage.document for hit in reply.nearest}


def test_a_students_country_counts_where_the_question_names_none(bars: Callable[[float, float], None]) -> None:
    """Whoever goes to Germany does not get the answer about Poland, whatever the model says."""
    bars(0.0, 0.0)
    assistant = over(answer("en"))
    replies = [assistant.ask("How much is the visa?", about=Circumstances(country=each)) for each in ("PL", "DE")]
    assert [isinstance(reply, Answer) and reply.composer == "verified" for reply in replies] == [True, False]


@pytest.mark.parametrize("question", ["How much is the visa?", "How much is the visa for Germany?"])
def test_an_answer_belongs_to_the_country_of_what_it_quotes(
    question: str, bars: Callable[[float, float], None]
) -> None:
    """A mentor's question that names no country is still about Poland if the guide to Poland answers it."""
    bars(0.0, 0.0)
    assistant = over(replace(answer("en"), question="How much is the visa?", wordings=()))
    replies = [assistant.ask(question, about=Circumstances(country=each)) for each in ("PL", "DE")]
    given = [isinstance(reply, Answer) and reply.composer == "verified" for reply in replies]
    assert given == ["Germany" not in question, False]
    assert all("answers/v1" not in {hit.passage.document for hit in reply.nearest} for reply in replies[1:])


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("The embassy of Poland asks for 80 euros.", False),
        ("Poland and Italy ask for 80 euros.", True),
        ("Every embassy asks for 80 euros.", True),
    ],
)
def test_an_answer_that_only_an_office_stands_for_belongs_to_the_country_it_names(
    text: str, elsewhere: bool, bars: Callable[[float, float], None]
) -> None:
    """Where neither question nor quotes name a country, the only one in the text counts: Germany does not get Poland."""
    bars(0.0, 0.0)
    assistant = over(replace(BY_OFFICE, question="How much is the visa?", text=text))
    replies = [assistant.ask("How much is the visa?", about=Circumstances(country=each)) for each in ("PL", "DE")]
    given = [isinstance(reply, Answer) and reply.composer == "verified" for reply in replies]
    assert given == [True, elsewhere]


def test_what_may_be_meant_is_offered_and_not_given(bars: Callable[[float, float], None]) -> None:
    """Between the bars the mentor's question stands first among what can be asked next."""
    bars(0.99, 0.1)
    assistant = over(answer("en"), BY_OFFICE)
    reply = assistant.ask("Tell me about visa costs for Poland")
    offered = reply.follow_ups if isinstance(reply, Answer) else tuple(hit.passage for hit in reply.nearest)
    assert not isinstance(reply, Answer) or reply.composer == "extractive"
    assert offered[0].document == "answers/v1"


def test_an_office_stands_for_what_no_section_says() -> None:
    """Without a section, the answer cites itself, with the office and the date."""
    reply = over(BY_OFFICE).ask("does the bus go to the airport at night")
    assert isinstance(reply, Answer)
    assert reply.text.splitlines()[2:] == [
        "The bus goes every hour.",
        "",
        "International office says so (1 November 2026). [1]",
    ]
    (own,) = reply.citations
    assert (own.kind, own.source.institution, own.quote) == (
        Kind.VERIFIED_ANSWER, "International office", "The bus goes every hour.",
    )  # fmt: skip


def test_filters_ask_the_documents_themselves() -> None:
    """Who restricts the documents gets quotes of these, not a mentor's answer."""
    reply = over(answer("en")).ask(QUESTIONS["en"], filters=Filters(kinds=frozenset({Kind.REGULATION})))
    assert not isinstance(reply, Answer) or reply.composer == "extractive"


def test_instructions_are_refused_before_any_answer_is_looked_for(bars: Callable[[float, float], None]) -> None:
    """A question about a person stays refused whatever mentors have answered."""
    bars(0.0, 0.0)
    reply = over(answer("en")).ask("Who is case 1, what is her name? She went to Poland")
    assert isinstance(reply, Abstention)


def test_a_story_never_stands_before_a_rule_on_a_question_of_rules() -> None:
    """Asked for a deadline or papers, what a participant told comes after every reviewed section; else it may lead."""
    heading = "What was the zubrowka choir like in Poland?"
    part = ("best", heading, "The zubrowka choir wanted papers from the consulate of Poland.")
    told = ToldStory(
        id="s", language="en", title="A stay in Poland", parts=(part,), published=DAY, country="PL", year=2025
    )
    assistant = over(stories=(told,))
    led = assistant.evidence(heading).found[0]
    ruled = [each.hit.passage.document for each in assistant.evidence(f"{heading} Which papers must I have?").found]
    assert led.hit.passage.document == "told/s"
    assert ruled.index("told/s") > max(place for place, each in enumerate(ruled) if each == "visa")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When is the deadline?", {"when"}),
        ("Сколько дней делают визу?", {"how_long", "visa"}),
        ("Қандай құжаттар керек?", {"papers", "must"}),
        ("maybe a mayor", set()),
    ],
)
def test_aspects_are_read_in_three_languages(question: str, asked: set[str]) -> None:
    """What is asked for is known by words, not by parts of other words."""
    assert aspects(question) == asked


@pytest.mark.parametrize("damage", ["{}", "[]", '{"signals": ["meaning"]}', "no json"])
def test_a_damaged_model_says_so(damage: str) -> None:
    """A model that does not fit the program is refused with the way to make a new one."""
    with pytest.raises(SettingError, match="python -m eval likeness"):
        Likeness.from_json(damage)


def test_the_shipped_model_is_whole() -> None:
    """The shipped bars lie between nothing and certainty, and the model gives probabilities."""
    model = Likeness.shipped()
    assert 0 < model.suggest < model.serve <= 1
    assert 0 <= model.of(dict.fromkeys(SIGNALS, 0.5)) <= 1
