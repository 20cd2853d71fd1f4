"""The form on which returned participants tell of their stay: pure functions, with the folder behind them."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_fakes import recorder

from assistant.errors import RecordError
from assistant.records.fields import Rule
from assistant.records.identifying import FindingKind, find
from assistant.records.ports import TurnKey
from assistant.records.store import FolderSubmissions, Stored
from assistant.records.submissions import Experience, Submission, SubmissionKind, read_experience
from assistant.types import LANGUAGES, Language
from assistant.web.share import form, views
from assistant.web.share.review import CONSENT_VERSION, Review, look_through
from assistant.web.share.sending import send, withdraw
from assistant.web.share.words import words

TODAY = date(2026, 11, 22)
CYRILLIC_STORY = "Мне помогла Айгуль Сериковна.\nПочта: aigul@example.kz <script>alert(1)</script>"
TOLD: dict[str, Any] = {
    "country": "PL",
    "host_institution": "University of Lodz",
    "year": "2025",
    "months": "5",
    "level": "bachelor",
    "language_level_then": "A2",
    "reasons": CYRILLIC_STORY,
}


def values(**told: Any) -> list[Any]:
    """Return the values of the form in its order, empty where nothing is told."""
    return [told.get(field, form.empty(field)) for field in form.FIELDS]


def reviewed(language: Language = "ru", **told: Any) -> Review:
    """Return the check of a complete story."""
    taken = form.given(values(**TOLD | told), language=language, consent_version=CONSENT_VERSION)
    review, refused = look_through(taken, today=TODAY)
    assert refused == ()
    assert review is not None
    return review


def no_conversation(code: str) -> bool:
    """Find no conversation."""
    return False


class BrokenMail:
    """A store whose disk is full."""

    def add(self, submission: Submission, *, masked: bool, about: TurnKey | None = None) -> str:
        raise RecordError("the disk is full; free space")

    def withdraw(self, code: str) -> bool:
        raise RecordError("the disk is gone; mount it")

    def waiting(self, kind: SubmissionKind) -> tuple[Stored, ...]:
        return ()


def test_the_form_asks_for_every_field_of_a_story_once() -> None:
    """No field of a story is missing from the form, and none stands twice."""
    not_asked = {"language", "consent", "consent_version"}
    assert sorted(form.FIELDS) == sorted(Experience.model_fields.keys() - not_asked)
    assert {"country", "host_institution", "year", "months", "level"} == form.REQUIRED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_choice_and_finding_has_words(language: Language) -> None:
    """No label, choice or kind of finding lacks its words in any language, and no label stands twice."""
    said = words(language)
    assert said.labels.keys() == set(form.FIELDS)
    assert len(set(said.labels.values())) == len(form.FIELDS)
    assert said.parts.keys() == said.purposes.keys() == form.PARTS.keys()
    assert said.hints.keys() <= said.labels.keys()
    assert said.kinds.keys() == set(FindingKind)
    for field, choices in form.CHOICES.items():
        assert set(said.choices(field)) == set(choices), field


ANYTHING = st.one_of(st.none(), st.text(max_size=20), st.integers(), st.booleans(), st.just("x" * 2_001))


@settings(max_examples=60, deadline=None)
@given(told=st.dictionaries(st.sampled_from(form.FIELDS), ANYTHING), language=st.sampled_from(LANGUAGES))
def test_whatever_is_refused_is_worded_and_leads_to_its_field(told: dict[str, Any], language: Language) -> None:
    """Every refusal has words without an open place, and a link to a field of the form."""
    taken = form.given(values(**told), language=language, consent_version=CONSENT_VERSION)
    _, refused = look_through(taken, today=TODAY)
    html = views.refusals(refused, words(language))
    targets = re.findall(r'href="#(field-[a-z_]+)"', html)
    assert len(targets) == len(refused)
    assert set(targets) <= set(map(views.field_id, form.FIELDS))
    assert "{" not in re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_a_story_can_break_is_worded(language: Language) -> None:
    """All rules have words but the two that no form of ours can break."""
    assert words(language).rules.keys() == set(Rule) - {Rule.UNKNOWN_FIELD, Rule.TOO_MANY}


def test_an_empty_form_names_what_is_needed_in_order() -> None:
    """Nothing filled in gives one refusal for each required field, in the order of the form."""
    _, refused = look_through(form.given(values(), language="en", consent_version="1"), today=TODAY)
    assert [each.field for each in refused] == [field for field in form.FIELDS if field in form.REQUIRED]
    assert {each.rule for each in refused} == {Rule.MISSING}


def test_a_story_without_an_answer_leads_to_the_first_question() -> None:
    """Facts alone are no story; the link leads to the first question that may be answered."""
    taken = form.given(values(**TOLD | {"reasons": " "}), language="en", consent_version="1")
    _, refused = look_through(taken, today=TODAY)
    assert [each.rule for each in refused] == [Rule.NO_STORY]
    assert 'href="#field-reasons"' in views.refusals(refused, words("en"))


def test_the_check_finds_counts_and_masks_what_identifies() -> None:
    """What identifies is counted by kind, marked where it stands, and gone from the masked story only."""
    review = reviewed()
    assert review.counts == {FindingKind.EMAIL: 1, FindingKind.NAME: 1}
    assert review.stored(mask=False).reasons == CYRILLIC_STORY
    masked = review.stored(mask=True)
    assert "Айгуль" not in masked.reasons
    assert "aigul@" not in masked.reasons
    assert masked.reasons.startswith("Мне помогла [имя].\nПочта: [эл. почта]")
    assert (masked.country, masked.months, masked.consent_version) == ("PL", 5, CONSENT_VERSION)


def test_a_name_in_a_line_is_found_as_well() -> None:
    """Names are looked for wherever one can write, not in the long answers only."""
    assert "host_institution" in reviewed(host_institution="Школа, куратор Айгуль Сериковна").found


def test_masks_that_make_a_text_too_long_are_refused() -> None:
    """A text that is too long only with its masks leads back to its field instead of failing when sent."""
    telling = "a@b.kz " * 285
    assert len(telling) < 2_000
    taken = form.given(values(**TOLD | {"reasons": telling}), language="ru", consent_version="1")
    review, refused = look_through(taken, today=TODAY)
    assert review is None
    assert [(each.field, each.rule) for each in refused] == [("reasons", Rule.TOO_LONG)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_check_shows_all_that_is_stored_in_words(language: Language) -> None:
    """Country, level and every answer are shown in the page's language, and nothing typed becomes HTML."""
    shown = views.story(reviewed(language, funding=form.UNSAID), words(language), mask=True)
    said = words(language)
    assert {code: name for name, code in form.countries(language)}["PL"] in shown
    assert said.levels["bachelor"] in shown
    assert said.fluency["A2"] in shown
    assert said.labels["funding"] not in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "\n" not in shown
    assert shown.count("<mark>") == 2


def test_what_is_shown_says_what_will_stand_there() -> None:
    """A finding is struck out before its mask, and stands alone if it is left as it is."""
    text = "От Айгуль Сериковна"
    found = find(text, "ru")
    assert views.marked(text, found, mask=True) == "От <mark><del>Айгуль Сериковна</del> [имя]</mark>"
    assert views.marked(text, found, mask=False) == "От <mark>Айгуль Сериковна</mark>"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_marking_loses_no_letter(text: str) -> None:
    """Without its tags the marked text is the text, whatever stands in it."""
    plain = re.sub(r"</?mark>", "", views.marked(text, find(text, "en"), mask=False))
    assert plain == views.marked(text, (), mask=False)
    assert "<" not in plain.replace("<br>", "")


@settings(max_examples=100, deadline=None)
@given(kept=st.dictionaries(st.sampled_from((*form.FIELDS, "language", "x")), ANYTHING) | ANYTHING)
def test_a_draft_of_any_content_is_read_as_far_as_the_form_can_show_it(kept: object) -> None:
    """What a browser hands back never holds a field, a type or a choice that the form does not know."""
    draft = form.restored(kept)
    assert draft.keys() <= set(form.FIELDS)
    for field, value in draft.items():
        assert isinstance(value, str)
        assert value in form.CHOICES.get(field, (value,))
    assert form.restored(form.drafted(values(**draft))) == draft


def test_a_draft_keeps_what_was_told_and_nothing_else() -> None:
    """A draft holds the filled fields as they were typed, even those that the check would refuse."""
    told = TOLD | {"year": "next year", "funding": form.UNSAID}
    assert form.restored(form.drafted(values(**told))) == told
    assert form.drafted(values()) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_countries_stand_in_the_order_of_the_alphabet(language: Language) -> None:
    """Each country stands once under its name, ordered as the language orders its letters."""
    names, codes = zip(*form.countries(language), strict=True)
    assert len(set(codes)) == len(codes) > 190
    assert {"KZ", "PL", "TR", "DE", "KR", "US"} <= set(codes)
    assert not {"EU", "UN", "ZZ"} & set(codes)
    initials = [name[0].casefold() for name in names if name[0] in "АӘБВГҒДЕ"]
    assert initials == sorted(initials, key="аәбвгғде".index)
    if language == "en":
        assert names.index("Åland Islands") < names.index("Albania")


def test_a_sent_story_is_stored_as_chosen_and_gone_with_its_code(tmp_path: Path) -> None:
    """The masked story and that it was masked are stored; its code erases it once."""
    mail = FolderSubmissions(tmp_path / "sent")
    code = asyncio.run(send(mail, reviewed(), mask=True))
    assert code is not None
    (stored,) = mail.waiting(SubmissionKind.EXPERIENCE)
    assert stored.masked
    assert stored.submission == reviewed().masked
    assert asyncio.run(withdraw(mail, no_conversation, code.lower(), words("en"))) == (True, words("en").withdrawn)
    assert mail.waiting(SubmissionKind.EXPERIENCE) == ()
    assert asyncio.run(withdraw(mail, no_conversation, code, words("en"))) == (False, words("en").no_such_code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_of_a_conversation_erases_it_here_as_well(tmp_path: Path, language: Language) -> None:
    """Whoever has noted the code of a conversation enters it where all codes are entered, as carelessly as any."""
    mail, kept = FolderSubmissions(tmp_path / "sent"), recorder(tmp_path).conversations
    key = kept.begin(language, "chat")
    said = words(language)
    assert asyncio.run(withdraw(mail, kept.erase, key.code.lower(), said)) == (True, said.withdrawn)
    assert kept.read(key.id) is None
    assert asyncio.run(withdraw(mail, kept.erase, key.code, said)) == (False, said.no_such_code)


@pytest.mark.parametrize("code", ["", "no code", "ABCDE-FGHJK-MNPQR-STUVW", "x" * 500])
def test_codes_that_never_were_get_one_reply(tmp_path: Path, code: str) -> None:
    """Whether a code is malformed or merely unknown, the reply is the same."""
    mail = FolderSubmissions(tmp_path / "sent")
    kept = recorder(tmp_path).conversations
    assert asyncio.run(withdraw(mail, kept.erase, code, words("kk"))) == (False, words("kk").no_such_code)


def test_a_story_that_cannot_be_stored_is_not_called_sent(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk gives no code and no thanks, and the log holds nothing of the story."""
    assert asyncio.run(send(BrokenMail(), reviewed(), mask=True)) is None
    assert asyncio.run(withdraw(BrokenMail(), no_conversation, "x", words("ru"))) == (False, words("ru").not_withdrawn)
    assert "not stored" in caplog.text
    assert "Айгуль" not in caplog.text


def test_the_stored_story_is_one_that_can_be_read_again() -> None:
    """Whatever the page stores, ``read_experience`` takes back unchanged."""
    stored = reviewed().stored(mask=True)
    assert read_experience(stored.model_dump(), today=TODAY) == (stored, ())
