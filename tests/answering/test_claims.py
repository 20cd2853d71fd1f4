"""Figures and names are read the same way however they are written, in three languages."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.verification.claims import facts, periods, rates
from assistant.answering.verification.mentions import PROPER, mentions
from assistant.answering.verification.phrases import Phrases, tokens
from assistant.types import LANGUAGES, Language

ENDLESS = (
    "1",
    "1 ",
    "1-",
    "2025",
    "A1",
    "10.",
    "1,000",
    "май ",
    "May ",
    "1 мая ",
    "twenty ",
    "тысяч ",
    "on ",
    "екі ",
    "«",
)


def stated(text: str, language: Language) -> list[tuple[str, str]]:
    """Return values and units that a text states itself."""
    return [(fact.value, fact.unit) for fact in facts(text, language) if not fact.implied]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It costs €400.", "en", [("400", "EUR")]),
        ("It costs 400 eur or EUR 1,500.", "en", [("400", "EUR"), ("1500", "EUR")]),
        ("Это стоит 1 500 евро.", "ru", [("1500", "EUR")]),
        ("Бұл 1 500 еуро тұрады.", "kk", [("1500", "EUR")]),
        ("Rooms cost CZK 3500–5000.", "en", [("3500", "CZK"), ("5000", "CZK")]),
        ("A deposit of 200 to 300 tenge", "en", [("200", "KZT"), ("300", "KZT")]),
        ("GPA не ниже 2,67", "ru", [("2.67", "")]),
        ("GPA of 2.670", "en", [("2.67", "")]),
        ("at B2 with IELTS 6.0", "en", [("b2", "code"), ("6", "")]),
        ("уровень В2", "ru", [("b2", "code")]),
        ("the form DS-2019", "en", [("ds2019", "code")]),
        ("70 % пар", "ru", [("70", "percent")]),
        ("дәрістің 70 пайызы", "kk", [("70", "percent")]),
        ("no fewer than 12 US credit hours", "en", [("12", "credit")]),
        ("the minimum is week 10", "en", [("100800", "minute")]),
    ],
)
def test_amounts_and_levels_have_one_form(text: str, language: Language, expected: list[tuple[str, str]]) -> None:
    """An amount, share or level is read alike with sign, code or word, in front or behind."""
    assert stated(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("for six months", "en"), ("half a year", "en"), ("6 months", "en"), ("полгода", "ru"), ("шесть месяцев", "ru"),
        ("в течение шести месяцев", "ru"), ("жарты жыл", "kk"), ("алты ай", "kk"), ("6 айға", "kk"),
    ],
)  # fmt: skip
def test_durations_are_compared_and_not_their_words(text: str, language: Language) -> None:
    """Half a year is six months in every language."""
    assert stated(text, language) == [("6", "month")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("two weeks", "14 days"), ("two years", "24 months"), ("24 hours", "one day"), ("a fortnight of 60 minutes", "14 days of one hour")],
)  # fmt: skip
def test_the_same_time_in_another_unit_is_the_same(one: str, other: str) -> None:
    """Times are brought to minutes or months."""
    assert sorted(stated(one, "en")) == sorted(stated(other, "en"))


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("сто пятьдесят слов", "ru", "150"), ("двести сорок слов", "ru", "240"), ("триста двадцать пять слов", "ru", "325"),
        ("сто слов", "ru", "100"), ("жүз елу бес сөз", "kk", "155"), ("two hundred fifty words", "en", "250"),
        ("сто двадцать тысяч слов", "ru", "120000"),
    ],
)  # fmt: skip
def test_hundreds_are_joined_with_what_follows(text: str, language: Language, value: str) -> None:
    """Hundreds, tens and ones that stand next to one another are one number."""
    assert stated(text, language) == [(value, "word")]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("по правилам 2011 года", set()), ("курс со стажировкой, 45 часов", set()), ("до 45 часов", {"below"}),
        ("спустя 5 недель", {"above"}), ("как минимум 5 недель", {"above"}), ("не свыше 5 недель", {"below"}),
        ("5 недель и дольше", {"above"}),
    ],
)  # fmt: skip
def test_russian_sides_are_told_from_other_prepositions(text: str, sides: set[str]) -> None:
    """Words for "at most" and "at least" tell a side; "by the rules of 2011" tells none."""
    assert [set(fact.sides) for fact in facts(text, "ru") if not fact.implied] == [sides]


def test_weeks_are_no_days() -> None:
    """The same number of another unit is another fact."""
    assert stated("six weeks", "en") != stated("six days", "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("by 15 April 2026", "en"), ("on April 15, 2026", "en"), ("15.04.2026", "en"), ("2026-04-15", "en"),
        ("до 15 апреля 2026 года", "ru"), ("15-го апреля 2026", "ru"), ("2026 жылғы 15 сәуірге дейін", "kk"),
        ("2026 жылдың 15 сәуірінде", "kk"),
    ],
)  # fmt: skip
def test_a_date_is_one_in_every_form(text: str, language: Language) -> None:
    """A day, its month and its year are read from digits and from words."""
    assert set(stated(text, language)) == {("04-15", "date"), ("2026", "calendar")}


@pytest.mark.parametrize(
    ("text", "language"),
    [("1–25 September", "en"), ("с 1 по 25 сентября", "ru"), ("с 1-го по 25-е сентября", "ru"), ("1–25 қыркүйек", "kk"),
     ("қыркүйектің 1-і мен 25-і", "kk")],
)  # fmt: skip
def test_both_ends_of_a_range_are_days_of_its_month(text: str, language: Language) -> None:
    """The month of a range belongs to both its days."""
    assert set(stated(text, language)) == {("09-01", "date"), ("09-25", "date")}


@pytest.mark.parametrize("text", ["2025/26", "2025-26", "2025–2026", "2025/2026"])
def test_an_academic_year_implies_its_years(text: str) -> None:
    """Whoever says 2025/26 says 2025 and 2026, too, but claims neither."""
    assert stated(text, "en") == [("2025/26", "calendar")]
    assert {fact.value for fact in facts(text, "en") if fact.implied} == {"2025", "2026"}


def test_what_is_allowed_is_no_month() -> None:
    """The English word for permission is not read as the month of the same letters."""
    assert stated("You may apply.", "en") == []
    assert stated("Apply in May.", "en") == [("05", "month name")]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [("twenty-five", "en", "25"), ("он алты апта", "kk", "161280"), ("двадцать пять", "ru", "25"), ("30 тысяч евро", "ru", "30000"),
     ("десятиминутный рассказ", "ru", "10"), ("он екінші айға", "kk", "12"), ("седьмое издание", "ru", "7"),
     ("жүз жиырма бес еуро", "kk", "125"), ("сто двадцать евро", "ru", "120"), ("two hundred fifty euros", "en", "250")],
)  # fmt: skip
def test_written_out_numbers_count(text: str, language: Language, value: str) -> None:
    """Numbers in words have their value, joined and with endings."""
    assert next(fact.value for fact in facts(text, language) if not fact.implied) == value


def test_a_number_in_digits_is_not_joined_to_a_small_word() -> None:
    """A hundred in digits and a number word behind it are two numbers."""
    assert stated("100 пять", "ru") == [("100", ""), ("5", "")]


@pytest.mark.parametrize(("text", "language"), [("Он придёт", "ru"), ("онда үшін бірақ", "kk"), ("семинар", "ru")])
def test_words_that_look_like_numbers_are_none(text: str, language: Language) -> None:
    """A pronoun, a postposition and a seminar count nothing."""
    assert stated(text, language) == []


@pytest.mark.parametrize(
    ("text", "language", "side"),
    [
        ("before 15 April", "en", "below"), ("after 15 April", "en", "above"), ("до 15 апреля", "ru", "below"),
        ("после 15 апреля", "ru", "above"), ("15 сәуірге дейін", "kk", "below"), ("15 сәуірден кейін", "kk", "above"),
        ("at least 3.0", "en", "above"), ("at most 3.0", "en", "below"), ("не ниже 3.0", "ru", "above"),
        ("3.0-ден төмен емес", "kk", "above"), ("87 or higher", "en", "above"),
        ("500 maximum", "en", "below"), ("not until 15 April", "en", "above"), ("90 days or longer", "en", "above"),
        ("15 сәуірден кейін қабылданбайды", "kk", "below"),
        ("18-ге толмаған", "kk", "below"), ("кемі 3.0", "kk", "above"), ("3.0-ден артық ала алмайсыз", "kk", "below"),
    ],
)  # fmt: skip
def test_a_value_has_a_side(text: str, language: Language, side: str) -> None:
    """Before and at most lie below a value, after and at least above it."""
    assert [fact.sides for fact in facts(text, language) if not fact.implied] == [frozenset({side})]


@pytest.mark.parametrize("text", ["within Kazakhstan 2.67", "pages from 2024"])
def test_a_place_or_an_origin_is_no_side(text: str) -> None:
    """What lies within a country, or is a page from a year, says nothing of more or less."""
    assert [fact.sides for fact in facts(text, "en") if not fact.implied] == [frozenset()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("seven tenths of the classes", [("70", "percent")]), ("a quarter of an hour", [("15", "minute")]),
     ("double the time", [("2", "times")]), ("a dozen returnees", [("12", "")])],
)  # fmt: skip
def test_parts_and_multiples_are_figures(text: str, expected: list[tuple[str, str]]) -> None:
    """Tenths are percent, a quarter of an hour is a quarter of sixty minutes, a dozen is twelve."""
    assert stated(text, "en") == expected


def test_quotes_open_before_a_word() -> None:
    """What stands between two quotes is not quoted itself; a stipend is a scholarship, a consultation no consul."""
    assert mentions('Say "Professor", because "Ms" is too little.', "en").proper == {"profesor", "ms"}
    assert mentions("a stipend", "en").terms == {"scholarship"}
    assert not mentions("a consultation that originally began", "en").terms


def test_rates_tell_for_how_long() -> None:
    """A price per month is told from one per semester."""
    assert rates("300 EUR per month", "en") == {"month"}
    assert rates("It is paid semester by semester.", "en") == {"semester"}
    assert rates("300 евро в месяц", "ru") == {"month"}
    assert rates("айына 300 еуро", "kk") == {"month"}
    assert rates("300 еуро семестрлік шығын", "kk") == {"semester"}
    assert rates("үш жұмыс күнінен кешіктірмей", "kk") == frozenset()
    assert "semester" in periods("once a semester", "en")


@given(st.integers(1, 999_999), st.sampled_from(["{} EUR", "EUR {}", "€{}", "{} euros"]))
def test_thousands_may_be_parted(amount: int, form: str) -> None:
    """A comma or a space between thousands changes nothing."""
    values = {facts(form.format(f"{amount:,}".replace(",", sign)), "en")[0].value for sign in (",", " ", "\u00a0", "")}
    assert values == {str(amount)}


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_can_be_read(text: str, language: Language) -> None:
    """Offsets lie inside the text, whatever it is."""
    for fact in facts(text, language):
        assert 0 <= fact.start <= fact.end <= len(text)


@pytest.mark.parametrize("piece", ENDLESS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_endless_texts_are_read_in_time(piece: str, language: Language) -> None:
    """Eight times the text takes about eight times the time, not sixty-four."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        begun = time.process_time()
        facts.__wrapped__(text, language)
        list(PROPER.finditer(text))
        return time.process_time() - begun

    seconds(1_000)
    assert min(seconds(50_000) for _ in range(2)) < 32 * max(min(seconds(6_250) for _ in range(3)), 0.02)


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("Ask the office of Masaryk University.", "en", {"masarik"}),
        ("Карлов университет принимает гостей.", "ru", {"karlov"}),
        ("Your University decides.", "en", set()),
        ("Принимающий университет решает.", "ru", set()),
        ("Қабылдаушы университет шешеді.", "kk", set()),
        ("Ол Лодзьдегі оқуды бастады.", "kk", {"lodz"}),
        ("UCLy helps.", "en", set()),
    ],
)
def test_names_are_words_with_a_capital_inside_a_sentence(text: str, language: Language, names: set[str]) -> None:
    """A word that merely begins a sentence is no name, save in front of the word for university."""
    assert names <= mentions(text, language).proper
    assert bool(names) == bool(mentions(text, language).proper)


def test_a_name_is_held_in_any_alphabet_and_case() -> None:
    """A name in Latin letters is found in a Russian text, with its ending."""
    assert mentions("Сервер Вуппертале помогает.", "ru").holds("vupertal")
    assert not mentions("Сервер в Бремене помогает.", "ru").holds("vupertal")


def test_things_and_sites_are_mentioned() -> None:
    """Offices, documents and addresses of sites are told from one another."""
    assert "embassy" in mentions("Идите в посольство.", "ru").terms
    assert mentions("Ұсыныс хат керек.", "kk").terms == {"recommendation_letter"}
    assert mentions("See explorer.cuni.cz for 3.5 points.", "en").hosts == {"explorer.cuni.cz"}


def test_the_longest_phrase_is_found() -> None:
    """Of phrases that begin alike the longest counts, and a closed word takes no ending."""
    found = Phrases({"no": ["not|"], "waived": ["not| required"]}).find(tokens("Not required, notable, not."))
    assert [each.key for each in found] == ["waived", "no"]


def test_offsets_are_those_of_the_text() -> None:
    """What was read can be cut out of the text."""
    text = "Платите 1 500 евро до 15 апреля."
    assert [text[fact.start : fact.end] for fact in facts(text, "ru") if not fact.implied] == ["1 500", "15"]
    assert not re.search(r"\s", "".join(token.text for token in tokens("a b")))
