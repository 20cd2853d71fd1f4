"""What one reply is worth: every measure against values worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from eval.cases import Case, Nugget, Unit
from eval.measures import Outcome, measures, outcome, supports, truthfulness
from eval.systems import Cited, Reply
from eval.texts import content_words, f1, figures, statements, words

FEE = Unit("visa#fee", "visa", "en", "Visa", "A visa costs 80 euros. You apply at the consulate in Almaty.")
ROOM = Unit("dorm#room", "dorm", "en", "Dormitory", "Rooms cost 120.5 a month. The kitchen is shared.")
PASSAGES = {(unit.id, unit.language): unit for unit in (FEE, ROOM)}
GOLD = {FEE.id: 1}
COSTS = "A visa costs 80 euros."


def case(**changes: Any) -> Case:
    """Return an answerable English case with changes."""
    return Case(**({"id": "c", "lang": "en", "question": "q?", "answerability": "answerable"} | changes))


def cited(mark: int, quote: str, unit: Unit = FEE) -> Cited:
    return Cited(mark, unit.id, unit.document, unit.language, quote)


def reply(*citations: Cited, text: str | None = None, **changes: Any) -> Reply:
    """Return an answer of quotes, each in its paragraph with its mark."""
    said = "\n\n".join(f"> {each.quote} [{each.mark}]" for each in citations) if text is None else text
    values = {"query": "q?", "status": "answered", "language": "en", "text": said, "citations": citations}
    return Reply(**(values | changes))


def measured(name: str, asked: Case, said: Reply, relevant: dict[str, int] | None = None) -> float | None:
    return measures(asked, said, GOLD if relevant is None else relevant, PASSAGES)[name]


SILENCE = reply(text="I have no source.", status="abstained", reason="no_source")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Ёлка, ЁЖ!", "ru", ["елка", "еж"]),
        ("The fee: a VISA, an offer", "en", ["fee", "visa", "offer"]),
        ("the a an", "ru", ["the", "a", "an"]),
        ("ﬁle №４２", "kk", ["file", "no42"]),
        ("1,5 or 2.67. End", "en", ["1,5", "or", "2.67", "end"]),
        ("Қазақстан әрі өңір", "kk", ["қазақстан", "әрі", "өңір"]),
        ("— …", "en", []),
    ],
)
def test_words_are_compared_without_what_does_not_matter(text: str, language: str, expected: list[str]) -> None:
    """Case, width, ё and punctuation do not matter, and in English articles do not either."""
    assert words(text, language) == expected


@pytest.mark.parametrize(
    ("found", "gold", "expected"),
    [
        ("", "", 1.0), ("a", "", 0.0), ("", "a", 0.0), ("a b", "a b", 1.0), ("a b", "c", 0.0),
        ("a a b", "a b b", 2 / 3), ("a b c d", "a b", 2 / 3),
    ],
)  # fmt: skip
def test_f1_counts_each_word_as_often_as_it_stands(found: str, gold: str, expected: float) -> None:
    """Two of three and two of three are two thirds; a word said once too often is not right."""
    assert f1(found.split(), gold.split()) == pytest.approx(expected)


def test_a_decimal_comma_is_a_decimal_point() -> None:
    """Figures are compared whatever sign they have; the full stop behind one is none of it."""
    assert figures("1,5 or 2.67, in 2025. No 1.500,25") == {"1.5", "2.67", "2025", "1.500.25"}


def test_content_words_are_long_or_figures() -> None:
    """Short words say nothing of what a text is about, short figures do."""
    assert content_words("A visa is for 80 of us") == ["visa", "80"]


TABLE = "| Paper | Fee |\n|---|---|\n| visa | 80 euros |"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No marks here.", []),
        ("Fees are 80 [1] and rooms 120 [2][3].", [("Fees are 80", (1,)), ("and rooms 120", (2, 3))]),
        ("Fees are 80 [1] [12].", [("Fees are 80", (1, 12))]),
        ("From the rules of X:\n\n> Fees are 80. [1]\n\n> Rooms too. [2]\n\n*Check it.*",
         [("Fees are 80.", (1,)), ("Rooms too.", (2,))]),
        ("From X:\n\n- one fee\n- two fees [1]", [("one fee\n- two fees", (1,))]),
        ("From X:\n\n1. one fee\n2. two fees [1]", [("1. one fee\n2. two fees", (1,))]),
        (f"From X:\n\n{TABLE}\n\n[1]", [(TABLE, (1,))]),
        (f"From X:\n\n{TABLE}\n\n[1]\n\n> Rooms too. [2]", [(TABLE, (1,)), ("Rooms too.", (2,))]),
    ],
)  # fmt: skip
def test_statements_are_what_stands_before_marks(text: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    """Marks belong to the words before them, back to other marks or to the paragraph; a table's stands below it."""
    assert statements(text) == expected


@pytest.mark.parametrize(
    ("quotes", "gold", "expected"),
    [
        ([COSTS], ["the visa costs: 80 EUROS"], 1.0),
        ([COSTS], ["ninety", "80 euros"], 1.0),
        ([COSTS], ["90 euros"], 0.0),
        (["It costs 180 euros."], ["80 euros"], 0.0),
        ([COSTS], [], None),
        ([], ["80 euros"], 0.0),
    ],
)
def test_containment_asks_for_a_gold_answer_in_the_quotes(
    quotes: list[str], gold: list[str], expected: float | None
) -> None:
    """One of the gold answers must stand there, word by word: 180 is not 80."""
    said = reply(*(cited(mark, quote) for mark, quote in enumerate(quotes, start=1)))
    assert measured("containment", case(gold_answers=gold), said) == expected


def test_token_f1_is_that_of_the_best_gold_answer() -> None:
    """Two of four words and two of two are two thirds; among several gold answers the nearest counts."""
    assert measured("token_f1", case(gold_answers=["80 euros"]), reply(cited(1, COSTS))) == pytest.approx(2 / 3)
    both = case(gold_answers=["80 euros", "The visa costs 80 euros"])
    assert measured("token_f1", both, reply(cited(1, COSTS))) == 1.0
    assert measured("token_f1", both, SILENCE) == 0.0
    assert measured("token_f1", case(), reply(cited(1, COSTS))) is None


def test_sentence_f1_compares_whole_sentences() -> None:
    """One common sentence of two and one is two thirds."""
    said = reply(cited(1, FEE.text))
    assert measured("sentence_f1", case(gold_quotes=["the visa costs 80 euros"]), said) == pytest.approx(2 / 3)
    assert measured("sentence_f1", case(gold_quotes=["80 euros"]), said) == 0.0
    assert measured("sentence_f1", case(gold_quotes=[FEE.text]), said) == 1.0
    assert measured("sentence_f1", case(), said) is None


def test_every_vital_nugget_must_be_quoted() -> None:
    """One way to say each is enough, and what is not vital may be missing."""
    price = Nugget(text="price", any_of=("eighty", "80 EUROS"))
    place = Nugget(text="place", any_of=("consulate",))
    extra = Nugget(text="extra", vital=False, any_of=("kitchen",))
    said = reply(cited(1, COSTS))
    assert measured("vital_nuggets", case(nuggets=[price, extra]), said) == 1.0
    assert measured("vital_nuggets", case(nuggets=[price, place]), said) == 0.0
    assert measured("vital_nuggets", case(nuggets=[price, place]), reply(cited(1, COSTS), cited(2, FEE.text))) == 1.0
    assert measured("vital_nuggets", case(nuggets=[extra]), said) is None


@pytest.mark.parametrize(("place", "first", "three"), [(1, 1.0, 1.0), (2, 0.0, 1.0), (3, 0.0, 1.0), (4, 0.0, 0.0)])
def test_the_answer_stands_in_the_first_quotes(place: int, first: float, three: float) -> None:
    """Only the first quote, or the first three, are looked at; any gold string will do."""
    said = reply(*(cited(n, COSTS if n == place else "Rooms cost 120.5 a month.") for n in range(1, 5)))
    for gold in ({"gold_quotes": ["80 EUROS"]}, {"gold_answers": ["80 euros"]},
                 {"nuggets": [Nugget(text="price", vital=False, any_of=("80",))]}):  # fmt: skip
        assert measured("answer_in_first", case(**gold), said) == first
        assert measured("answer_in_first_three", case(**gold), said) == three
    assert measured("answer_in_first", case(), said) is None


def test_quote_recall_counts_gold_quotes_in_the_first_hits() -> None:
    """One of two quotes stands in the first five hits, both in the first ten; letters must agree."""
    texts = ["x", "80 euros", "x", "x", "x", "80 Euros, the consulate"]
    units = [Unit(f"u{n}", "u", "en", "", text) for n, text in enumerate(texts)]
    said = reply(cited(1, COSTS), hits=tuple((unit.id, "en", 1.0) for unit in units))
    asked = case(gold_quotes=["80 euros", "consulate"])
    found = measures(asked, said, GOLD, PASSAGES | {(unit.id, "en"): unit for unit in units})
    assert (found["quote_recall@5"], found["quote_recall@10"]) == (0.5, 1.0)
    assert measured("quote_recall@5", asked, reply(cited(1, COSTS))) == 0.0
    assert measured("quote_recall@5", case(answerability="unanswerable"), SILENCE) is None


@pytest.mark.parametrize(
    ("text", "faithful", "supported"),
    [
        ("A visa costs 80 euros [1].", 1.0, 1.0),
        ("The visa costs 90 tenge [1].", 0.5, 0.0),  # visa, costs; not 90, tenge
        ("Visa: 80 [1]. Rooms: 120,5 in 7 days [1].", 2 / 6, 1 / 3),  # visa, 80; not rooms, 120,5, 7, days
        ("It is so [1].", 1.0, 1.0),
        ("The visa costs 90 tenge.", None, None),
    ],
)
def test_statements_must_stand_in_the_cited_texts(text: str, faithful: float | None, supported: float | None) -> None:
    """Content words, and figures by themselves, are looked up in the passages that are cited."""
    said = reply(cited(1, COSTS), text=text)
    assert measured("faithfulness", case(), said) == (faithful if faithful is None else pytest.approx(faithful))
    assert measured("figures_supported", case(), said) == (supported if supported is None else pytest.approx(supported))


def test_figures_with_comma_and_point_agree() -> None:
    """A reply may write 120,5 for 120.5."""
    assert measured("figures_supported", case(), reply(cited(1, "Rooms", ROOM), text="It is 120,5 [1]")) == 1.0


@pytest.mark.parametrize(
    ("text", "valid"),
    [("x [1], y [2]", 1.0), ("x [1][2]", 1.0), ("x [1]", 0.0), ("x [1], y [2], z [3]", 0.0), ("x", 0.0)],
)
def test_marks_and_quotes_must_be_the_same(text: str, valid: float) -> None:
    """No mark without its quote, no quote without its mark."""
    said = reply(cited(1, COSTS), cited(2, "Rooms", ROOM), text=text)
    assert measured("mark_validity", case(), said) == valid


def test_the_mark_of_a_table_is_valid() -> None:
    """A quoted table has its mark below it, as the assistant writes it."""
    table = Unit("visa#table", "visa", "en", "", TABLE)
    said = reply(cited(1, TABLE, table), text=f"From X:\n\n{TABLE}\n\n[1]")
    found = measures(case(), said, {}, {(table.id, "en"): table})
    assert [found[name] for name in ("mark_validity", "citation_recall", "citation_precision")] == [1.0, 1.0, 1.0]


def test_a_quote_must_stand_letter_for_letter() -> None:
    """One letter less, another passage, or a passage that is not there make a quote inexact."""
    strange = Unit("gone#x", "gone", "en", "", COSTS)
    assert measured("quote_exactness", case(), reply(cited(1, COSTS), cited(2, "a visa costs 80 euros."))) == 0.5
    assert measured("quote_exactness", case(), reply(cited(1, COSTS, ROOM))) == 0.0
    assert measured("quote_exactness", case(), reply(cited(1, COSTS), cited(2, COSTS, strange))) == 0.5


def test_support_asks_for_most_words_and_every_figure() -> None:
    """Seven of ten content words are enough, six are not; one strange figure is too much."""
    statement = "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj"
    assert supports(statement, ["aaaa bbbb cccc dddd", "eeee ffff gggg"])
    assert not supports(statement, ["aaaa bbbb cccc dddd eeee ffff"])
    assert not supports("aaaa bbbb cccc dddd 7", ["aaaa bbbb cccc dddd"])


@pytest.mark.parametrize(
    ("text", "recall", "precision"),
    [
        ("A visa costs 80 euros [1].", 1.0, 1.0),
        ("A visa costs 80 euros [1][2].", 1.0, 0.5),  # [2] is superfluous
        ("The visa costs 80 euros and rooms cost 120.5 [1][2].", 1.0, 1.0),  # each is needed
        ("The visa is free [1].", 0.0, 0.0),
        ("A visa costs 90 euros [1].", 0.0, 0.0),  # a wrong figure
        ("A visa costs 80 euros [1]. The visa is free [1].", 0.5, 0.5),
        ("A visa costs 80 euros [1][9].", 1.0, 0.5),  # [9] is no quote
        ("A visa costs 80 euros [2].", 0.0, 0.0),
        ("A visa costs 80 euros [1][3].", 1.0, 1.0),  # both say it alone
        ("A visa costs 80 euros.", 0.0, 0.0),
    ],
)
def test_citations_are_judged_by_the_rule_of_alce(text: str, recall: float, precision: float) -> None:
    """A statement needs quotes that say it together; a citation must say it, or be needed by the others."""
    quotes = cited(1, COSTS), cited(2, "Rooms cost 120.5 a month.", ROOM), cited(3, FEE.text)
    found = measures(case(), reply(*quotes, text=text), GOLD, PASSAGES)
    assert (found["citation_recall"], found["citation_precision"]) == (recall, precision)


def test_gold_citations_are_those_of_relevant_units() -> None:
    """One of two; nothing where nothing is relevant or the case should not be answered."""
    said = reply(cited(1, COSTS), cited(2, "Rooms", ROOM))
    assert measured("gold_citations", case(), said) == 0.5
    assert measured("gold_citations", case(), said, {}) is None
    assert measured("gold_citations", case(answerability="unanswerable"), said) is None


@pytest.mark.parametrize(
    ("kind", "false_answer", "false_abstention"),
    [
        ("answerable", (None, None), (0.0, 1.0)),
        ("partial", (None, None), (None, None)),
        ("unanswerable", (1.0, 0.0), (None, None)),
        ("out_of_scope", (1.0, 0.0), (None, None)),
        ("underspecified", (None, None), (None, None)),
    ],
)
def test_an_answer_or_silence_is_false_against_the_label(
    kind: str, false_answer: tuple[float | None, ...], false_abstention: tuple[float | None, ...]
) -> None:
    """Each kind of case, answered and not; a partial one may be held back."""
    found = [measures(case(answerability=kind), said, GOLD, PASSAGES) for said in (reply(cited(1, COSTS)), SILENCE)]
    assert tuple(each["false_answer"] for each in found) == false_answer
    assert tuple(each["false_abstention"] for each in found) == false_abstention
    assert [each["answered"] for each in found] == [1.0, 0.0]


HIT = {"hits": ((FEE.id, "en", 1.0),)}
PRICE = {"nuggets": [Nugget(text="price", any_of=("80 euros",))]}
SILENT = {"answerability": "unanswerable"}
OUTCOMES = [
    (case(), reply(cited(1, COSTS)), Outcome.RIGHT, 1.0),
    (case(**PRICE), reply(cited(1, COSTS, ROOM)), Outcome.RIGHT, 1.0),
    (case(**SILENT), SILENCE, Outcome.RIGHT, 1.0),
    (case(**PRICE), reply(cited(1, "You apply")), Outcome.ACCEPTABLE, 0.5),
    (case(), SILENCE, Outcome.NOT_FOUND, 0.0),
    (case(), reply(cited(1, "Rooms", ROOM)), Outcome.NOT_FOUND, -1.0),
    (case(), reply(cited(1, "Rooms", ROOM), **HIT), Outcome.NOT_CHOSEN, -1.0),
    (case(), reply(status="abstained", text="No.", **HIT), Outcome.SILENT, 0.0),
    (case(must_not_contain=["80 EUROS"]), reply(cited(1, COSTS)), Outcome.WRONG, -1.0),
    (case(must_not_contain=["costs"], **SILENT), reply(cited(1, COSTS)), Outcome.WRONG, -1.0),
    (case(**SILENT), reply(cited(1, COSTS)), Outcome.SHOULD_BE_SILENT, -1.0),
    (case(), reply(cited(1, COSTS), language="ru"), Outcome.WRONG_LANGUAGE, -1.0),
    (case(expected_lang="ru"), reply(cited(1, COSTS), language="ru"), Outcome.RIGHT, 1.0),
    (case(**SILENT), Reply(query="", error="too long"), Outcome.REFUSED, 0.0),
]


@pytest.mark.parametrize(("asked", "said", "what", "worth"), OUTCOMES)
def test_an_outcome_has_its_worth(asked: Case, said: Reply, what: Outcome, worth: float) -> None:
    """Each outcome is told where it went wrong first, and worth +1, +½, 0 or −1."""
    assert outcome(asked, said, GOLD) is what
    assert truthfulness(asked, said, GOLD) == worth
    assert measured("truthfulness", asked, said) == worth
    assert measured("correct", asked, said) == (what in (Outcome.RIGHT, Outcome.ACCEPTABLE))


def test_every_outcome_has_an_example() -> None:
    """None is left out above."""
    assert {what for _, _, what, _ in OUTCOMES} == set(Outcome)


def test_the_language_of_a_reply_is_the_one_expected() -> None:
    """The language asked for counts, whatever the question's is; a refused question has none."""
    assert measured("reply_language", case(), reply(cited(1, COSTS))) == 1.0
    assert measured("reply_language", case(expected_lang="kk"), reply(cited(1, COSTS))) == 0.0
    assert measured("reply_language", case(), Reply(query="", error="too long")) is None
