"""A sentence is shown only if what it cites says it; quotes always are, and changed quotes never."""

from __future__ import annotations

import time

import pytest
from fakes import FakeEmbedder, document
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.support import Model
from assistant.answering.verification.altered import changes
from assistant.answering.verification.comparing import SIGNS
from assistant.answering.verification.verifying import MODELS, Acceptance, Verdict, Verifier
from assistant.errors import SettingError
from assistant.knowledge.index import in_memory
from assistant.types import Language, Passage

TABLE = "| Item | CZK |\n|---|---|\n| Dormitory, per month | 3500–5000 |\n| Lunch in the canteen | 80–130 |"
ENGLISH = (
    "The exchange at Semey Medical University asks for a GPA of at least 2.67 and IELTS 5.5. "
    "Applications must reach the international office by 15 April 2026. A motivation letter is not required.",
    "A month in Prague costs these sums:\n\n" + TABLE,
    "Bring these papers for the visa:\n\n- Two photos of 3.5 by 4.5 cm.\n- Proof of 2000 euros per month.\n- An insurance policy.",
    "You may keep your scholarship during the exchange. Students should register with the consulate before departure.",
)
RUSSIAN = (
    "Для обмена в Медицинском университете Семей нужен GPA не ниже 2.67 и IELTS 5.5. "
    "Заявки должны поступить в международный отдел до 15 апреля 2026 года. Мотивационное письмо не требуется.",
    "Месяц в Праге стоит столько:\n\n"
    + TABLE.replace("Item", "Что").replace("Lunch in the canteen", "Обед в столовой"),
    "Возьмите для визы такие бумаги:\n\n- Две фотографии.\n- Подтверждение 2000 евро в месяц.\n- Страховой полис.",
    "Стипендию на время обмена можно сохранить. Студентам следует встать на учёт в консульстве до отъезда.",
)
KAZAKH = (
    "Семей медицина университетіндегі алмасуға кемінде 2.67 GPA және IELTS 5.5 қажет. "
    "Өтінімдер халықаралық бөлімге 2026 жылғы 15 сәуірге дейін түсуі тиіс. Мотивациялық хат талап етілмейді.",
    "Прагада бір ай мынадай тұрады:\n\n"
    + TABLE.replace("Item", "Не").replace("Lunch in the canteen", "Асханадағы түскі ас"),
    "Визаға мына қағаздарды алыңыз:\n\n- Екі фотосурет.\n- Айына 2000 еуроны растау.\n- Сақтандыру полисі.",
    "Алмасу кезінде шәкіртақыны сақтауға болады. Студенттерге кетер алдында консулдықта тіркелу ұсынылады.",
)
TEXTS: dict[Language, tuple[str, ...]] = {"en": ENGLISH, "ru": RUSSIAN, "kk": KAZAKH}
DOCUMENTS = [document("rules", *texts, language=language) for language, texts in TEXTS.items()]
INDEX = in_memory(DOCUMENTS, FakeEmbedder(languages=frozenset({"en"})))
LAST = len(ENGLISH)


def versions(number: int, language: Language) -> tuple[Passage, ...]:
    """Return the versions of a section, the reader's first."""
    own = [each.passages[number] for each in DOCUMENTS]
    return tuple(sorted(own, key=lambda passage: passage.language != language))


def verdict(sentence: str, number: int = 0, language: Language = "en") -> Verdict:
    """Return the verdict on a sentence that cites a section."""
    return Verifier.of(INDEX).verify(sentence, language, [versions(number, language)])


def accepting(threshold: float) -> Acceptance:
    """Return a model that finds every sentence as good as the next."""
    flat = Model(("best",), (1.0,), (0.0,), (1.0,), (0.0,), 0.0)
    return Acceptance(dict.fromkeys(MODELS, flat), dict.fromkeys(MODELS, threshold))


@given(st.sampled_from(["en", "ru", "kk"]), st.integers(0, LAST - 1), st.data())
@settings(max_examples=60, deadline=None)
def test_a_quote_is_supported_by_its_section(language: Language, number: int, data: st.DataObject) -> None:
    """A whole sentence, item or row is supported, and its evidence holds it."""
    passage = versions(number, language)[0]
    quotable = [each for each in passage.sentences if each.form != "heading"]
    quote = passage.quote(data.draw(st.sampled_from(quotable)))
    found = verdict(quote, number, language)
    assert found.supported
    assert found.support == 1.0
    assert any(quote in each.passage.text[each.start : each.end] for each in found.evidence)
    assert 1 <= len(found.evidence) <= 3


@given(st.sampled_from(["en", "ru", "kk"]), st.integers(0, LAST - 1), st.data())
@settings(max_examples=100, deadline=None)
def test_a_quote_with_another_digit_is_never_supported(language: Language, number: int, data: st.DataObject) -> None:
    """Whichever digit is changed, and to whatever, the sentence is rejected, and the number is named as the reason."""
    passage = versions(number, language)[0]
    quotes = [passage.quote(each) for each in passage.sentences if any(c.isdigit() for c in passage.quote(each))]
    if not quotes:
        return
    quote = data.draw(st.sampled_from(quotes))
    place = data.draw(st.sampled_from([at for at, letter in enumerate(quote) if letter.isdigit()]))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != quote[place]]))
    found = verdict(quote[:place] + digit + quote[place + 1 :], number, language)
    assert not found.supported
    assert not found.evidence
    assert "number" in {fault.kind for fault in found.faults}


@given(st.permutations(range(LAST)), st.sampled_from(["en", "ru", "kk"]))
@settings(max_examples=25, deadline=None)
def test_the_order_of_cited_sections_does_not_matter(order: list[int], language: Language) -> None:
    """Sections are evidence together, whichever is named first."""
    sentence = TEXTS[language][0].split(". ")[0].replace("5.5", "5.5,", 1)
    verify = Verifier(INDEX, accepting(0.5)).verify
    first = verify(sentence, language, [versions(number, language) for number in range(LAST)])
    assert verify(sentence, language, [versions(number, language) for number in order]) == first


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("For the exchange, Semey Medical University asks for a GPA of at least 2.67.", "en"),
        ("Applications must reach the office by 15.04.2026.", "en"),
        ("Для обмена в Медицинском университете Семей нужен IELTS 5.5.", "ru"),
        ("Өтінімдер халықаралық бөлімге 15 сәуірге дейін түсуі тиіс.", "kk"),
    ],
)
def test_true_figures_and_names_stand(sentence: str, language: Language) -> None:
    """A figure in another form and a name with another ending are no mismatch."""
    assert not Verifier(INDEX, accepting(0.0)).verify(sentence, language, [versions(0, language)]).faults


@pytest.mark.parametrize(
    ("sentence", "number", "language", "kind"),
    [
        ("The exchange asks for a GPA of at least 2.76.", 0, "en", "number"),
        ("Nominees need IELTS 6.5 and good grades.", 0, "en", "number"),
        ("The papers go to the international office by 16 April.", 0, "en", "number"),
        ("They go there after 15 April 2026.", 0, "en", "side"),
        ("Show that you have 2000 dollars.", 2, "en", "unit"),
        ("Show 2000 euros per semester.", 2, "en", "rate"),
        ("The University of Vienna asks for IELTS 5.5.", 0, "en", "name"),
        ("Send the papers to the embassy.", 0, "en", "thing"),
        ("Для обмена в Карловом университете нужен IELTS 5.5.", 0, "ru", "name"),
        ("Заявки ждут до 15 мая.", 0, "ru", "number"),
        ("Визаға 2000 теңге көрсетіңіз.", 2, "kk", "unit"),
        ("Өтінімді елшілікке беріңіз.", 0, "kk", "thing"),
    ],
)  # fmt: skip
def test_what_the_section_does_not_hold_rejects(sentence: str, number: int, language: Language, kind: str) -> None:
    """One wrong figure, side, unit, rate, name or office rejects, whatever the model thinks."""
    found = Verifier(INDEX, accepting(0.0)).verify(sentence, language, [versions(number, language)])
    assert not found.supported
    assert kind in {fault.kind for fault in found.faults}


@pytest.mark.parametrize(
    ("sentence", "number", "language", "kind"),
    [
        ("A motivation letter is required.", 0, "en", "negation"),
        ("Applications may reach the international office by 15 April 2026.", 0, "en", "modality"),
        ("You may only keep your scholarship during the exchange.", 3, "en", "modality"),
        ("Students should register with the consulate after departure.", 3, "en", "opposite"),
        ("Мотивационное письмо требуется от всех студентов обмена.", 0, "ru", "negation"),
        ("Студентам необходимо встать на учёт в консульстве до отъезда.", 3, "ru", "modality"),
        ("Студентам следует встать на учёт в консульстве после отъезда.", 3, "ru", "opposite"),
        ("Алмасу кезінде шәкіртақыны сақтауға болмайды.", 3, "kk", "modality"),
        ("Студенттерге кетер алдында консулдықта тіркелу міндетті.", 3, "kk", "modality"),
    ],
)  # fmt: skip
def test_a_quote_with_a_changed_sense_is_rejected(sentence: str, number: int, language: Language, kind: str) -> None:
    """A negation, duty, permission, restriction or time that differs from a nearly quoted sentence rejects."""
    found = verdict(sentence, number, language)
    assert not found.supported
    assert kind in {fault.kind for fault in found.faults}


def test_a_translation_may_hold_what_the_version_leaves_out() -> None:
    """A figure that stands only in another language version of the section is no mismatch."""
    two = [document("two", "Photos are needed.", language="en"), document("two", "Нужны 2 фото.", language="ru")]
    index = in_memory(two)
    verify = Verifier(index, accepting(0.0)).verify
    assert verify("You need 2 photos.", "en", [[each.passages[0] for each in two]]).supported
    assert not verify("You need 3 photos.", "en", [[each.passages[0] for each in two]]).supported


def test_evidence_is_of_the_readers_language() -> None:
    """Evidence is cut from the version in the language of the sentence, else from the first one given."""
    assert {each.passage.language for each in verdict(KAZAKH[0].split(". ")[0], 0, "kk").evidence} == {"kk"}
    only = [each.passages[0] for each in DOCUMENTS if each.language == "ru"]
    found = Verifier(INDEX, accepting(0.0)).verify("IELTS GPA 2.67, IELTS 5.5", "en", [only])
    assert {each.passage.language for each in found.evidence} == {"ru"}


def test_a_row_comes_with_its_header_and_an_item_with_its_introduction() -> None:
    """Evidence of a table begins at its header, and the sentence that introduces a list is part of it."""
    row = verdict("| Lunch in the canteen | 80–130 |", 1)
    assert [each.passage.text[each.start : each.end][:6] for each in row.evidence] == ["A mont", "| Item"]
    item = verdict("Proof of 2000 euros per month.", 2)
    assert item.evidence[0].passage.text[item.evidence[0].start :].startswith("Bring these papers")


@pytest.mark.parametrize("sentence", ["", "…", "   ", "a" * 5_000, "🙂"])
def test_what_is_no_sentence_is_not_supported(sentence: str) -> None:
    """Nothing, signs alone and endless words are rejected."""
    assert verdict(sentence) == Verdict(False, 0.0)


def test_nothing_is_supported_without_sections() -> None:
    """A sentence that cites nothing has no support."""
    assert not Verifier.of(INDEX).verify("A month in Prague costs these sums:", "en", []).supported
    assert not Verifier.of(INDEX).verify("A month in Prague costs these sums:", "en", [[]]).supported


def test_words_decide_where_there_are_no_vectors() -> None:
    """Without an embedder the other model is asked, and quotes are still supported."""
    index = in_memory(DOCUMENTS)
    found = Verifier.of(index).compared("Scholarships go on during an exchange.", "en", [versions(3, "en")])
    assert found is not None
    assert "cosine" not in found
    assert Verifier.of(index).verify(ENGLISH[0].split(". ")[0], "en", [versions(0, "en")]).supported


def test_signals_are_those_that_are_explained() -> None:
    """Every signal has a sign, and nothing is fitted to one that is not there."""
    found = Verifier.of(INDEX).compared("Scholarships go on during an exchange.", "en", [versions(3, "en")])
    assert found is not None
    assert set(found) == set(SIGNS)


def test_no_coefficient_works_against_its_sense() -> None:
    """The shipped models never count nearness to the source against a sentence."""
    for model in Acceptance.shipped().models.values():
        for name, coefficient in zip(model.features, model.coefficients, strict=True):
            assert coefficient * SIGNS[name] >= 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"models": {}, "thresholds": {}}'])
def test_a_damaged_verification_model_says_so(text: str) -> None:
    """A file that is none names the command that makes it anew."""
    with pytest.raises(SettingError, match="eval verification"):
        Acceptance.from_json(text)


def test_free_wording_is_no_changed_quote() -> None:
    """Only a sentence in nearly the same words is compared place by place, and a clause may be left out."""
    held = "Students should register with the consulate before departure, because it helps in trouble."
    assert changes("Before you leave, sign up at the consulate.", held, "en") == ()
    assert changes("Students should register with the consulate before departure.", held, "en") == ()
    assert changes("Students must register with the consulate before departure.", held, "en")


def test_long_sentences_are_compared_in_time() -> None:
    """A sentence and a unit of the greatest length take a fraction of a second."""
    begun = time.process_time()
    changes.__wrapped__("a b " * 50_000, "a b " * 50_000, "en")
    verdict("word " * 199)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Of Semey on a [the GPA or GPA of.", "en"),
        ("Not the at letter Semey.", "en"),
        ("В Семей в о Семей то письмо.", "ru"),
        ("Хат та Семей Семей.", "kk"),
        ("Yes.", "en"),
    ],
)
def test_a_few_words_say_nothing(sentence: str, language: Language) -> None:
    """Words of a section between little words are no sentence, and a mere "yes" is none that can be compared."""
    assert not verdict(sentence, 0, language).supported
