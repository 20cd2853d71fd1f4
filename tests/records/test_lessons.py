"""Stories become lessons on both databases; what is published never tells what its place hides."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lessons_contract import LessonsContract
from sqlalchemy import URL
from submissions_contract import experience

from assistant.knowledge.published import Published, documents
from assistant.records.anonymity import FEWEST, TOLD, Place, Stay, shared, stay
from assistant.records.masking import Change, additions, difference, hidden, mask_more, suspects
from assistant.records.stories import Against, Wish
from assistant.records.submissions import STORY, Experience
from assistant.records.telling import content_of, told_story, wording
from assistant.types import LANGUAGES, Confidence, Kind, Language

WORDS = st.lists(
    st.sampled_from(["Wrocław", "в", "Айгүл", "2025", "[name]", "жақсы", "a", "Польше", "\n"]), max_size=12
)
STAYS = st.builds(
    Stay,
    country=st.sampled_from(["pl", "kr"]),
    host_institution=st.sampled_from(["wrocław", "lodz", "seoul"]),
    year=st.integers(2023, 2025),
    programme=st.sampled_from(["", "erasmus"]),
)


class TestLessonsOnSqlite(LessonsContract):
    """Stories become lessons, in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url


class TestLessonsOnPostgresql(LessonsContract):
    """Stories become lessons, in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url


@given(st.lists(STAYS, min_size=1, max_size=40), st.data())
def test_people_are_counted_right_whoever_withdraws(received: list[Stay], data: st.DataObject) -> None:
    """The counts are those of the stories that are left, and never grow with exactness."""
    gone = data.draw(st.sets(st.integers(1, len(received))))
    left = [each for number, each in enumerate(received) if number not in gone]
    people = shared(left[0], left).people
    assert people[Place.FULL] == sum(
        (each.country, each.host_institution, each.year) == (left[0].country, left[0].host_institution, left[0].year)
        for each in left
    )
    assert (
        people[Place.COUNTRY_YEAR] == Counter((each.country, each.year) for each in left)[left[0].country, left[0].year]
    )
    assert people[Place.COUNTRY] == Counter(each.country for each in left)[left[0].country]
    assert people[Place.NONE] == len(left)
    assert [people[place] for place in Place] == sorted(people[place] for place in Place)


@given(st.lists(STAYS, min_size=1, max_size=40))
def test_the_finest_place_is_shared_by_enough(received: list[Stay]) -> None:
    """What is proposed tells nobody, and the next finer one would."""
    found = shared(received[0], received)
    assert found.is_safe(found.finest)
    assert not any(found.is_safe(place) for place in list(Place)[: list(Place).index(found.finest)])
    assert found.finest is Place.NONE or found.people[found.finest] >= FEWEST


@settings(deadline=None)
@given(
    place=st.sampled_from(list(Place)),
    received=st.lists(STAYS, max_size=12),
    language=st.sampled_from(LANGUAGES),
    institution=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=6, max_size=12),
    year=st.integers(1992, 2025),
)
def test_what_is_hidden_stands_nowhere(
    place: Place, received: list[Stay], language: Language, institution: str, year: int
) -> None:
    """Title, fields and document of a lesson hold neither the institution nor the year that its place hides."""
    told = experience(
        language=language,
        host_institution=f"Q{institution}Q",
        year=year,
        programme="Wschód",
        advice="Жазып жүріңіз, ұмытпайсыз.",
    )
    own = stay(told)
    content = content_of(told, {"advice": told.advice}, place, shared(own, [own, *received]))
    story = told_story("0" * 12, language, place, content, date(2026, 11, 22))
    written = f"{content} {story} {documents(Published(stories=(story,)))}"
    if "host_institution" not in TOLD[place]:
        assert f"Q{institution}Q" not in written
    if "year" not in TOLD[place]:
        assert "year" not in content
        assert str(year) not in written.replace("2026-11-22", "").replace("2026, 11, 22", "").replace("0" * 12, "")
        assert story.year is None
    if "country" not in TOLD[place]:
        assert (story.country, "PL" in str(content)) == ("", False)
    assert story.programme == ""  # nobody else went with it


@settings(max_examples=200, deadline=None)
@given(WORDS.map(" ".join), st.sampled_from(list(Place)))
def test_masking_again_changes_nothing(text: str, place: Place) -> None:
    """After masking nothing is suspected any more, whatever a text is made of."""
    secret = hidden(experience(), place)
    once = mask_more(text, secret)
    assert suspects(once, secret) == ()
    assert mask_more(once, secret) == once


@given(WORDS.map(" ".join), WORDS.map(" ".join))
def test_a_difference_holds_both_texts(author: str, mentor: str) -> None:
    """What is the same and deleted is the author's text, what is the same and added the mentor's, word by word."""
    pieces = difference(author, mentor)
    assert "".join(p.text for p in pieces if p.change is not Change.ADDED).split() == author.split()
    assert "".join(p.text for p in pieces if p.change is not Change.DELETED).split() == mentor.split()


@given(WORDS, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_deleting_and_masking_words_adds_nothing(words: list[str], deleted: set[int], masked: set[int]) -> None:
    """However many words a mentor deletes or puts a general one for, that counts as no writing."""
    unlike = [f"{word}{number}" for number, word in enumerate(words) if word.strip()]
    left = ["[university]" if n in masked else word for n, word in enumerate(unlike) if n not in deleted or n in masked]
    assert additions(" ".join(unlike), " ".join(left)) == ()


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("Во Вроцлаве хорошо", Place.COUNTRY_YEAR, ["Вроцлаве"]),
        ("in WROCLAW", Place.COUNTRY_YEAR, ["WROCLAW"]),
        ("Вроцлавта болдым", Place.COUNTRY, ["Вроцлавта"]),
        ("The University was fine in 2024", Place.COUNTRY_YEAR, []),
        ("since 2024", Place.COUNTRY, ["2024"]),
        ("It cost 120242 or 20251 tenge", Place.NONE, []),
        ("в Польше, Польшада, in Poland", Place.NONE, ["Польше", "Польшада", "Poland"]),
        ("в Польше, Польшада, in Poland", Place.COUNTRY, []),
        ("University of Wrocław, 2025", Place.FULL, []),
        ("У нас в АГУ лучше", Place.FULL, ["АГУ"]),
        ("[university] and [жыл]", Place.NONE, []),
    ],
)
def test_what_tells_the_place_is_found(text: str, place: Place, found: list[str]) -> None:
    """Names are found with endings and in both alphabets, and only where the place hides them; home always is."""
    told: Experience = experience(home_university="АГУ")
    assert [text[each.start : each.end] for each in suspects(text, hidden(told, place))] == found


@pytest.mark.parametrize("text", ["а" * 50_000, "Aa " * 16_000, "2025" * 12_500, "[" * 50_000, " " * 50_000])
def test_long_repetitions_take_no_time(text: str) -> None:
    """Looking through 50,000 characters takes about a second at most, whatever they are."""
    began = time.process_time()
    suspects(text, hidden(experience(), Place.NONE))
    assert time.process_time() - began < 10


@pytest.mark.parametrize("length", [2_000, 2_001])
def test_texts_that_are_all_alike_are_compared_fast(length: int) -> None:
    """Two texts of the longest sort made of two words alone take seconds at most; a longer one is not compared."""
    chance = random.Random(1)
    author, mentor = (" ".join(chance.choices("аб", k=count)) for count in (1_000, length))
    began = time.process_time()
    objections = Wish(texts={"advice": mentor}, place=Place.NONE).against(
        experience(advice=author), shared(stay(experience()), [])
    )
    assert time.process_time() - began < 20
    assert {each.against for each in objections} == {Against.ADDED if length <= 2_000 else Against.TOO_LONG}


def test_lessons_are_worded_in_three_languages() -> None:
    """Every field of a story has its own question in every language, and every hidden thing a mask."""
    for language in LANGUAGES:
        words = wording(language)
        assert words.headings.keys() == set(STORY)
        assert len(set(words.headings.values())) == len(STORY)
        assert all(heading.endswith("?") for heading in words.headings.values())
        assert words.masks.keys() == {"institution", "year", "country"}


def test_a_lesson_is_a_document_of_experience() -> None:
    """What a student reads of a story is marked as one person's experience, part by part."""
    told = experience(language="ru", advice="Спрашивайте заранее, отвечают охотно.\n## Совет\nПишите.")
    own = stay(told)
    content = content_of(told, {"advice": told.advice, "best": "ok"}, Place.FULL, shared(own, [own]))
    story = told_story("ab" * 6, "ru", Place.FULL, content, date(2026, 11, 22))
    (document,) = documents(Published(stories=(story,)))
    assert (document.kind, document.source.confidence) == (Kind.LESSON, Confidence.EXPERIENCE)
    assert document.title == "University of Wrocław (Польша), 2025: рассказ об учёбе по обмену"
    assert [passage.anchor for passage in document.passages] == ["advice"]
