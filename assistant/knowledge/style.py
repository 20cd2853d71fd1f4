"""How a curated text is written: length of sections, unequal headings, accepted terms, no persons in lessons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from assistant.knowledge.glossary import Glossary
from assistant.types import Document, Kind, Language, Passage

FEWEST_WORDS: Mapping[Language, int] = {"en": 35, "ru": 28, "kk": 25}
FEWEST_WORDS_OF_LESSONS: Mapping[Language, int] = {"en": 20, "ru": 16, "kk": 14}
MOST_WORDS: Mapping[Language, int] = {"en": 250, "ru": 235, "kk": 215}
"""Words of a section, tables apart. Russian and, more so, Kazakh say the same in fewer words."""

_STEM = 5
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_TABLE_ROW = re.compile(r"^\s*\|.*$", re.MULTILINE)
_TARGET = re.compile(r"\]\([^)]*\)")
# A surname of the region, capitalised, that does not begin a sentence and is not part of a university's name.
_SURNAME = re.compile(
    r"(?<=[a-zа-яёәғқңөұүһі,] )"
    r"((?:[A-Z][a-z]{2,}(?:ov|ova|ev|eva|bay|bek|uly|kyzy|enko))|(?:[А-ЯЁӘҒҚҢӨҰҮҺІ][а-яёәғқңөұүһі]{2,}(?:ұлы|қызы|енко)"
    r"|[А-ЯЁӘҒҚҢӨҰҮҺІ][а-яёәғқңөұүһі]{2,}(?:ов|ова|ев|ева)))\b"
    r"(?!\s+(?:University|Institute|университет|институт))"
)


def words(passage: Passage) -> int:
    """Return the number of words of a section's text, tables apart."""
    return len(split_words(_TARGET.sub("]", _TABLE_ROW.sub("", passage.text))))


def split_words(text: str) -> list[str]:
    """Return the words of a text, figures and marks left out."""
    return _WORD.findall(text)


def has_table(passage: Passage) -> bool:
    """Return whether a section holds a table, which may say all it has to say."""
    return _TABLE_ROW.search(passage.text) is not None


def known_names(documents: Iterable[Document]) -> frozenset[str]:
    """Return the stems of the words in titles and institutions: places and universities, which are no persons."""
    said = (f"{document.title} {document.source.institution}" for document in documents)
    return frozenset(word[:_STEM].casefold() for text in said for word in _WORD.findall(text))


def of_section(document: Document, passage: Passage, known: frozenset[str]) -> Iterator[str]:
    """Yield what is wrong with the length of a section, and persons in a lesson, ``known`` names apart."""
    count = words(passage)
    fewest = (FEWEST_WORDS_OF_LESSONS if document.kind is Kind.LESSON else FEWEST_WORDS)[document.language]
    if count < fewest and not has_table(passage):
        yield f"section {passage.anchor!r} has {count} words; at least {fewest} make an answer; say more or merge it"
    if count > MOST_WORDS[document.language]:
        most = MOST_WORDS[document.language]
        yield f"section {passage.anchor!r} has {count} words; at most {most} are read on a phone; make two of it"
    if document.kind is Kind.LESSON:
        surnames = _SURNAME.findall(f"{passage.heading}\n{passage.text}")
        for found in (surname for surname in surnames if surname[:_STEM].casefold() not in known):
            yield f"section {passage.anchor!r}: {found!r} reads like a person's name; a lesson names nobody; remove it"


def avoided(glossary: Glossary, language: Language) -> Mapping[re.Pattern[str], tuple[str, str]]:
    """Return what documents in a language must not say: a pattern with the form and the accepted term."""
    return {
        re.compile(rf"(?<!\w){re.escape(form)}", re.IGNORECASE): (form, term[language].term)
        for term in glossary.terms
        for form in term[language].avoid
    }


def of_terms(passage: Passage, forms: Mapping[re.Pattern[str], tuple[str, str]]) -> Iterator[str]:
    """Yield the forms of a section that the glossary tells to avoid."""
    text = f"{passage.heading}\n{passage.text}"
    for pattern, (form, term) in forms.items():
        if pattern.search(text):
            yield f"section {passage.anchor!r} says {form!r}; the glossary's term is {term!r}; use it"


def repeated_headings(documents: Iterable[Document]) -> Iterator[tuple[Document, Passage, str]]:
    """Yield the sections whose heading another section of the same language has, with the message."""
    first: dict[tuple[Language, str], Passage] = {}
    for document in documents:
        for passage in document.passages:
            other = first.setdefault((document.language, passage.heading.casefold()), passage)
            if other is not passage:
                message = (
                    f"section {passage.anchor!r} has the heading of {other.section}: {passage.heading!r}; "
                    "headings tell sections apart; name the country, university or programme in it"
                )
                yield document, passage, message
