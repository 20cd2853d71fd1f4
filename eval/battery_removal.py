"""What `support` says when the text that answers is gone: the article ("far"), or only its paragraph ("near").

The index without the texts is made in memory by ``in_memory``, from the vectors that the library holds already,
and asked through ``Assistant.ask``; both are the assistant's public functions. Both languages' versions go.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assistant.knowledge.embedding import Embedder
from assistant.types import Language
from eval.battery_files import Battery, Case, asked
from eval.battery_runs import Say
from eval.documents import Workplace
from eval.statistics import Figure, auroc

Distance = Literal["far", "near"]
_ARTICLE = re.compile(r"[a-z]{2}:([^-]+)-(.+)")
"""A corpus id that names its article and paragraph: ``en:12-3``."""


class Remembered:
    """An embedder that looks up what the library has embedded, and embeds each question once.

    Attributes:
        name: Identity of the weights.
        languages: Languages the model knows.
    """

    def __init__(self, inner: Embedder, vectors: Callable[[list[str]], Sequence[Sequence[float] | None]]) -> None:
        """Ask ``vectors`` for known texts and ``inner`` for all others."""
        self.name: str = inner.name
        self.languages: frozenset[Language] = inner.languages
        self._inner = inner
        self._vectors = vectors
        self._known: dict[str, list[float]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            found = self._vectors(new)
            self._known |= {t: list(v) for t, v in zip(new, found, strict=True) if v is not None}
            missing = [text for text in new if text not in self._known]
            self._known |= dict(zip(missing, self._inner.embed_documents(missing), strict=True))
        return [self._known[text] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question."""
        if text not in self._known:
            self._known[text] = self._inner.embed_query(text)
        return self._known[text]


def removable(battery: Battery) -> bool:
    """Return whether every corpus id names its article and paragraph."""
    return bool(battery.corpus) and all(_ARTICLE.fullmatch(each) for each in battery.ids)


def support_without(battery: Battery, place: Workplace, distance: Distance, say: Say) -> dict[str, float]:
    """Return the support of each answerable case, by id, once its article or paragraph is gone."""
    from assistant.answering.assistant import Assistant
    from assistant.answering.support import Calibration
    from assistant.knowledge.index import in_memory
    from assistant.knowledge.loading import load
    from assistant.types import Conversation, Turn

    documents, _ = load(place.docs)
    ids = {f"p{number:05d}": each for number, each in enumerate(battery.ids)}
    embedder, calibration = _embedder(place), Calibration.shipped()
    support: dict[str, float] = {}
    groups = _by_text(battery.cases, distance)
    for number, (gone, cases) in enumerate(groups.items(), start=1):
        index = in_memory([d for d in documents if _text_of(ids[d.id], distance) != gone], embedder)
        assistant = Assistant(lambda index=index: index, calibration=calibration)  # type: ignore[misc]
        for case in cases:
            question, history = asked(case)
            before = Conversation(tuple(Turn(each) for each in history))
            support[case["id"]] = assistant.ask(question, conversation=before).support
        if number % 20 == 0 or number == len(groups):
            say(f"{distance}: {number} of {len(groups)} removals asked")
    return support


def removal_figures(battery: Battery, kept: Mapping[str, float], gone: Mapping[str, float]) -> dict[str, Figure]:
    """Return by language the AUROC of support: the same questions with their source and without it."""
    found: dict[str, Figure] = {}
    for language in sorted({case["lang"] for case in battery.cases}):
        own = [case for case in battery.cases if case["lang"] == language and case["id"] in gone]
        scores = [kept[case["id"]] for case in own] + [gone[case["id"]] for case in own]
        labels = [True] * len(own) + [False] * len(own)
        figure = auroc(labels, scores, 2 * [case["cluster"] for case in own])
        if figure is not None:
            found[language] = figure
    return found


def _embedder(place: Workplace) -> Embedder:
    """Return the embedder of questions in front of the vectors that the library of a workplace holds."""
    from assistant.bootstrap import question_embedder
    from assistant.knowledge.generation import Layout
    from assistant.knowledge.library import Library
    from assistant.knowledge.vector_cache import VectorCache
    from assistant.settings import load_settings

    inner = question_embedder(load_settings(knowledge_base=place.docs, data_dir=place.data))
    cache = VectorCache(Library(Layout(place.data).library), inner.name)
    return Remembered(inner, cache.mget)


def _text_of(id: str, distance: Distance) -> str:
    """Return the article of a corpus id, or article and paragraph."""
    found = _ARTICLE.fullmatch(id)
    if found is None:
        return id
    return found[1] if distance == "far" else f"{found[1]}-{found[2]}"


def _by_text(cases: Sequence[Case], distance: Distance) -> dict[str, list[Case]]:
    """Return the answerable cases by what is removed for them; each has one source."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case["answerability"] == "answerable" and case["gold_doc_ids"]:
            groups[_text_of(case["gold_doc_ids"][0], distance)].append(case)
    return groups
