"""In which language a question is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.language import detect
from assistant.types import LANGUAGES

QUESTIONS = [
    ("What GPA do I need?", "en"), ("minimum GPA", "en"), ("culture shock", "en"), ("And for English?", "en"),
    ("Какой GPA нужен?", "ru"), ("сроки подачи", "ru"), ("А в Германии?", "ru"), ("общежитие", "ru"),
    ("Можно ли IELTS 5.0?", "ru"), ("как написать email профессору", "ru"),
    ("GPA қанша керек?", "kk"), ("Ал Түркияда ше?", "kk"), ("жатақхана", "kk"), ("IELTS kerek pe?", "kk"),
    ("Окуга тусу", "kk"), ("кандай кужаттар керек", "kk"), ("профессорга хат калай жазамын", "kk"),
    ("Kakoi GPA nuzhen?", "ru"), ("kogda podavat dokumenty", "ru"), ("skolko deneg nuzhno", "ru"),
    ("qandai qujattar kerek", "kk"), ("Kandai kuzhattar kerek?", "kk"), ("shetelde oqu qiyn ba", "kk"),
    ("everyone here is busy and i have no friends, что делать", "en"),
    ("как перевести transcript of records и learning agreement", "ru"), ("жатақхана есть for exchange students", "kk"),
    ("deadline қашан", "kk"), ("Erasmus+ туралы айтшы", "kk"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "language"), QUESTIONS)
def test_short_mixed_and_latin_typed_questions(question: str, language: str) -> None:
    """Two words, Latin letters and English terms inside are enough to tell the language."""
    assert detect(question) == language


@pytest.mark.parametrize("page", LANGUAGES)
def test_the_page_decides_only_where_words_do_not(page: str) -> None:
    """A bare abbreviation takes the page's language; a Kazakh word does not."""
    assert detect("GPA?", fallback=page) in (page, "en")
    assert detect("Құжаттар керек пе?", fallback=page) == "kk"


@given(st.text(max_size=300))
def test_any_text_has_a_language(text: str) -> None:
    """No text raises, and the answer is always one of the three."""
    assert detect(text) in LANGUAGES
