"""Small real stand-ins for the tests: an embedder that loads no model, and documents made in a line."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import ModelError
from assistant.knowledge.markdown import read_curated
from assistant.knowledge.transliteration import fold
from assistant.settings import Settings
from assistant.types import LANGUAGES, Document, Kind, Language, Source

DIMENSION = 64


class FakeEmbedder:
    """Hashed bags of words as unit vectors: equal words meet, and nothing is loaded.

    Attributes:
        name: Identity under which vectors are kept.
        languages: Languages it votes in.
        seconds_per_text: How slow it is, for tests that interrupt it.
        embedded: Every text it was given to embed, in order.
        asked: Every question it was given, in order.
        is_down: Whether it fails, as an endpoint does that cannot be reached.
    """

    def __init__(
        self,
        name: str = "fake-1",
        languages: frozenset[Language] = frozenset(LANGUAGES),
        seconds_per_text: float = 0.0,
    ) -> None:
        self.name = name
        self.languages = languages
        self.seconds_per_text = seconds_per_text
        self.embedded: list[str] = []
        self.asked: list[str] = []
        self.is_down = False

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), DIMENSION)``."""
        self._wake()
        self.embedded += texts
        time.sleep(self.seconds_per_text * len(texts))
        return [_vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of ``text``, shape ``(DIMENSION,)``."""
        self._wake()
        self.asked.append(text)
        return _vector(text)

    def _wake(self) -> None:
        if self.is_down:
            raise ModelError("the endpoint does not answer")


def _vector(text: str) -> list[float]:
    """Return the bag of the text's folded words; without a word, the first axis."""
    text.encode("utf-8")  # as strict as the real tokenizers: a lone surrogate is an error
    bag = np.zeros(DIMENSION)
    for word in fold(text).split():
        place = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
        bag[place % DIMENSION] += 1.0 if place & 1024 else -1.0
    if not bag.any():
        bag[0] = 1.0
    unit: list[float] = (bag / np.linalg.norm(bag)).tolist()
    return unit


def document(
    id: str,
    *texts: str,
    language: Language = "en",
    kind: Kind = Kind.REGULATION,
    country: str = "",
    programme: str = "",
) -> Document:
    """Return a document with one section per text; anchors are ``s0``, ``s1`` and so on in every language."""
    body = "\n\n".join(f"## Section {number}? {{#s{number}}}\n\n{text}" for number, text in enumerate(texts))
    reading = read_curated(body, document=id, language=language, title=f"Title of {id}", asked_as={})
    assert not reading.faults, reading.faults
    return Document(
        id=id,
        language=language,
        kind=kind,
        title=reading.title,
        source=Source(country=country, programme=programme),
        text=body,
        passages=reading.passages,
        path=f"{id}.{language}.md",
        curated=True,
    )


def documents(count: int, sentences: int = 4) -> tuple[Document, ...]:
    """Return ``count`` documents of distinct sentences, the same at every call."""
    return tuple(
        document(
            f"notes/{number}",
            " ".join(
                f"Rule {number} point {part} speaks of grant{number} and form{part}." for part in range(sentences)
            ),
        )
        for number in range(count)
    )


BASE: dict[str, str] = {
    "regulations/exchange.en.md": """---
title: "Rules of the exchange"
kind: regulation
institution: Test University
country: KZ
source_title: "Rules of mobility"
source_url: https://example.org/rules
source_date: 2025
reviewed_on: 2026-01-10
review_by: 2099-01-10
confidence: official
asked_as:
  gpa:
    - What GPA do I need at Test University?
---
## What GPA does the exchange ask for? {#gpa}

The exchange of Test University asks for a GPA of at least 2.67.

## Which IELTS score does the exchange ask for? {#ielts}

The exchange of Test University asks for an IELTS score of at least 5.5.
""",
    "regulations/exchange.ru.md": """---
title: "Правила обмена"
kind: regulation
institution: Тестовый университет
country: KZ
source_title: "Правила мобильности"
source_url: https://example.org/rules
source_date: 2025
reviewed_on: 2026-01-10
review_by: 2099-01-10
confidence: official
---
## Какой GPA нужен для обмена? {#gpa}

Для обмена нужен GPA не ниже 2,67.

## Какой балл IELTS нужен для обмена? {#ielts}

Для обмена нужен балл IELTS не ниже 5,5.
""",
    "regulations/exchange.kk.md": """---
title: "Алмасу ережелері"
kind: regulation
institution: Тест университеті
country: KZ
source_title: "Ұтқырлық ережелері"
source_url: https://example.org/rules
source_date: 2025
reviewed_on: 2026-01-10
review_by: 2099-01-10
confidence: official
---
## Алмасуға қандай GPA керек? {#gpa}

Алмасуға GPA кемінде 2,67 болуы керек.

## Алмасуға IELTS бойынша қанша балл керек? {#ielts}

Алмасуға IELTS бойынша кемінде 5,5 балл керек.
""",
    "notes/dormitory.md": (
        "# Dormitory\n\nThe dormitory costs 200 euros a month.\n\n"
        "<script>alert('dormitory')</script> Never paste <img src=x onerror=alert(1)> into the dormitory form.\n"
    ),
}
"""A small knowledge base in three languages with one hostile file of a user's own."""


def write_base(folder: Path) -> Path:
    """Return ``folder`` after writing the small knowledge base to it."""
    for name, text in BASE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@dataclass(frozen=True, slots=True)
class RealIndex:
    """A small real index with the bundled model, read only.

    Attributes:
        settings: The settings it was built with.
    """

    settings: Settings

    def copy(self, folder: Path) -> Settings:
        """Return settings of a copy in ``folder`` that a test may damage; the model's files are linked."""
        data = folder / "data"
        shutil.copytree(self.settings.data_dir, data, ignore=shutil.ignore_patterns("models"))
        shutil.copytree(self.settings.data_dir / "models", data / "models", copy_function=os.link)
        return self.settings.model_copy(update={"data_dir": data})
