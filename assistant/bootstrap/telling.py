"""What ``doctor`` tells of the embedding model and the reranker: which, where they run, what leaves this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from assistant.bootstrap.embedders import Source, is_bundled, model_files, question_embedder, source_of
from assistant.bootstrap.opened import open_reranker
from assistant.errors import ModelError
from assistant.knowledge.exported import is_settled
from assistant.knowledge.generation import Layout
from assistant.knowledge.reranking import RERANKED
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.models.endpoint import Endpoint

_STAYS = "it runs in this process: nothing leaves this machine"
_FITTED = (
    "how well found sections support an answer was fitted with the bundled model: compare both with `make eval` first"
)
_TRIAL = ("Which score does the exchange ask for?", "The exchange asks for a score that the rules name. " * 20)


def embedding_told(settings: Settings) -> tuple[bool, str]:
    """Return whether the configured embedding model can be used, and what there is to know about it.

    Raises:
        AssistantError: If it is wrongly configured.
    """
    source = source_of(settings)
    ok, way = _endpoint_told(settings, source) if source.url else _folder_told(settings, source)
    caution = [] if is_bundled(source.name) else [_FITTED]
    return ok, "; ".join([f"{source.name} for {', '.join(sorted(source.languages))}", *way, *caution])


def reranker_told(settings: Settings) -> tuple[bool, str]:
    """Return whether the reranker reads what a search finds within its time; it is tried for that.

    Raises:
        ModelError: If it cannot be loaded.
    """
    reranker = open_reranker(settings)
    if reranker is None:
        return True, "none is configured"
    begun = time.perf_counter()
    try:
        reranker.relevance(_TRIAL[0], [_TRIAL[1]] * RERANKED)
    except ModelError as error:
        return False, f"{settings.reranker_model}: {error}: sections stay in the order of the search; {_STAYS}"
    return True, f"{settings.reranker_model} read {RERANKED} sections in {time.perf_counter() - begun:.1f} s; {_STAYS}"


def sent(endpoint: Endpoint, *, masked: bool) -> str:
    """Return in a sentence what an endpoint of embeddings is sent, and where that is."""
    where = "to this machine only" if endpoint.local else f"LEAVES THIS MACHINE, to {endpoint.host}"
    how = "personal data masked" if masked else "personal data NOT masked"
    texts = "what mentors write and publish and, while building, every text of the base"
    return f"what is sent, {where}: questions ({how}), {texts}"


def _folder_told(settings: Settings, source: Source) -> tuple[bool, list[str]]:
    folder, prompts = Layout(settings.data_dir).models / source.name, model_files(settings).prompts
    exported = (folder / "model.onnx").is_file()
    tried = exported or is_settled(folder)
    way = "not exported: `assistant index` does it"
    if tried:
        way = "exported for fast questions" if exported else "run by sentence-transformers: it cannot be exported"
    wants = f"prompts {prompts.query!r} and {prompts.document!r}" if prompts.query or prompts.document else "no prompts"
    return tried, [way, wants, _STAYS]


def _endpoint_told(settings: Settings, source: Source) -> tuple[bool, list[str]]:
    embedder = question_embedder(settings, source)
    from assistant.models.embeddings import PROBE, is_same

    begun = time.perf_counter()
    try:
        vector = embedder.embed_query(PROBE)
        ok = source.is_known and is_same(list(source.probe), vector)
        way = f"{source.endpoint.host} gave a vector of {len(vector)} numbers in {time.perf_counter() - begun:.1f} s"
        if not ok:
            way += (
                ", of another model than that of the index"
                if source.is_known
                else ", but nothing was built with it yet"
            )
            way += ": run `assistant index`"
    except ModelError as error:
        ok, way = False, f"{error}; questions are searched by their words"
    return ok, [way, sent(source.endpoint, masked=settings.llm_mask)]
