"""Which embedding model reads: the configured one, or the one with which the index that serves was built.

Beside every index it is kept where its model is found again (``models/<name>/source.json``), so that an index goes on
answering, with the meaning of questions, while one by another model is being built.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from assistant.errors import ModelError, SettingError
from assistant.knowledge import exported
from assistant.knowledge.embedding import BUNDLED_MODEL, Embedder, ModelFiles, TorchEmbedder, spoken
from assistant.knowledge.exported import OnnxEmbedder
from assistant.knowledge.generation import Layout, built_by
from assistant.knowledge.progress import Progress
from assistant.settings import Settings
from assistant.types import LANGUAGES, Language

if TYPE_CHECKING:
    from assistant.models.embeddings import EndpointEmbedder
    from assistant.models.endpoint import Endpoint

ENDPOINT = "openai:"
_FILE = "source.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an embedding model is found.

    Attributes:
        name: Identity under which its vectors are kept.
        languages: Languages it may vote in.
        model: The bundled model's name, a folder, or ``openai:`` and a name.
        url: Address of the endpoint; empty for a folder.
        dimension: Length of its vectors; 0 where the files tell.
        probe: The endpoint's vector of a fixed text, by which it is seen that another model stands behind the name.
    """

    name: str
    languages: frozenset[Language]
    model: str
    url: str = ""
    dimension: int = 0
    probe: tuple[float, ...] = ()

    @property
    def endpoint(self) -> Endpoint:
        """Where it runs; only of one with an address."""
        from assistant.models.endpoint import Endpoint

        return Endpoint("openai", self.model.removeprefix(ENDPOINT), self.url)

    @property
    def is_known(self) -> bool:
        """Whether it can be asked: an endpoint must have been built with once."""
        return not self.url or self.dimension > 0


def model_files(settings: Settings) -> ModelFiles:
    """Return the configured embedding model's files.

    Raises:
        ModelError: If there is no such model, or it runs elsewhere.
    """
    if settings.embedding_model.startswith(ENDPOINT):
        raise ModelError(f"{settings.embedding_model!r} runs at an endpoint; it has no files here")
    return ModelFiles(settings.embedding_model, _declared(settings))


def is_bundled(name: str) -> bool:
    """Return whether an embedder's name is that of the bundled model, for whichever languages."""
    own = ModelFiles().name
    return name == own or name.startswith(f"{own}-")


def source_of(settings: Settings) -> Source:
    """Return where the configured model is found; nobody is asked for that.

    Raises:
        ModelError: If there is no such model.
        SettingError: If it runs at an endpoint whose address is not told.
    """
    if not settings.embedding_model.startswith(ENDPOINT):
        files = model_files(settings)
        model = BUNDLED_MODEL if settings.embedding_model == BUNDLED_MODEL else str(files.folder.resolve())
        return Source(name=files.name, languages=files.languages, model=model)
    if not settings.embedding_base_url or settings.embedding_model == ENDPOINT:
        raise SettingError(
            f"ASSISTANT_EMBEDDING_MODEL={settings.embedding_model!r} is a model at an endpoint: it is written "
            "openai:NAME, and ASSISTANT_EMBEDDING_BASE_URL must tell where"
        )
    languages = _declared(settings) or frozenset(LANGUAGES)
    unknown = Source(
        name=f"{settings.embedding_model} (not asked yet)", languages=languages, model=settings.embedding_model,
        url=settings.embedding_base_url,
    )  # fmt: skip
    return next((each for each in _recorded(Layout(settings.data_dir)) if _is_of(each, unknown)), unknown)


def question_embedder(settings: Settings, source: Source | None = None) -> Embedder:
    """Return the embedder for questions: the endpoint, the exported model if there is one, else the model itself.

    Args:
        settings: What is configured.
        source: The model; the configured one if None.

    Raises:
        ModelError: If there is no such model.
        SettingError: If the packages for an endpoint are not installed.
    """
    source = source or source_of(settings)
    if source.url:
        return _at_endpoint(settings, source, building=False)
    try:
        return OnnxEmbedder(source.name, source.languages, Layout(settings.data_dir).models / source.name)
    except ModelError:
        return TorchEmbedder(ModelFiles(source.model, source.languages), threads=1)


def serving_embedder(settings: Settings, now: Embedder | None = None) -> Embedder | None:
    """Return the embedder with which the index that serves was built, ``now`` if that is it.

    While the index of the configured model is not there yet, that is another one; None if it cannot be had any more,
    so that the index is searched by words only.

    Raises:
        AssistantError: If the configured model is wrongly configured.
    """
    layout, source = Layout(settings.data_dir), source_of(settings)
    made_with = built_by(layout)
    if made_with and made_with != source.name:
        found = _found_again(layout, made_with, settings.embedding_base_url)
        _log.warning(
            "the index was built with the model %r, but %r is configured: until `assistant index` has built another, "
            "%s", made_with, source.name, "that one reads" if found else "questions are searched by their words only",
        )  # fmt: skip
        if found is None:
            return None
        source = found
    return now if now is not None and now.name == source.name else question_embedder(settings, source)


def building_embedder(settings: Settings, progress: Progress) -> Embedder:
    """Return the configured embedder for building an index, ready to be asked, and keep where it is found.

    A model in a folder is exported for questions once; an endpoint is asked for a first vector.

    Raises:
        ModelError: If the model cannot be loaded, or the endpoint does not answer.
        SettingError: If it is wrongly configured.
    """
    layout, source = Layout(settings.data_dir), source_of(settings)
    if source.url:
        source = _probed(settings, source)
        embedder: Embedder = _at_endpoint(settings, source, building=True)
    else:
        embedder = TorchEmbedder(model_files(settings))
        if not exported.is_settled(layout.models / source.name):
            progress("preparing the model", 0, 1)
            exported.export(embedder, layout.models / source.name)
            progress("preparing the model", 1, 1)
    _record(layout, source)
    return embedder


def _declared(settings: Settings) -> frozenset[Language] | None:
    return frozenset(settings.embedding_languages) if settings.embedding_languages else None


def _at_endpoint(settings: Settings, source: Source, *, building: bool) -> EndpointEmbedder:
    try:
        from assistant.models.embeddings import BUILDING, QUESTIONS, EndpointEmbedder
    except ImportError as error:
        raise SettingError(
            f"ASSISTANT_EMBEDDING_MODEL={source.model!r} needs packages that are not installed ({error.name}); "
            "run: pip install 'predeparture-assistant[llm]'"
        ) from error
    return EndpointEmbedder(
        source.endpoint, settings.embedding_api_key,
        name=source.name, languages=source.languages, dimension=source.dimension,
        limits=BUILDING if building else QUESTIONS, mask=_masked if settings.llm_mask else str,
    )  # fmt: skip


def _masked(text: str) -> str:
    """Return a question without what identifies a person."""
    from assistant.answering.language import detect
    from assistant.records.identifying import find, masked

    return masked(text, find(text, detect(text, fallback="en")))


def _probed(settings: Settings, source: Source) -> Source:
    """Return the source with what its endpoint gives now; another name if it is another model than before."""
    embedder = _at_endpoint(settings, replace(source, dimension=0), building=True)  # whatever length it has now
    from assistant.models.embeddings import PROBE, identity, is_same

    vector = embedder.embed_documents([PROBE])[0]
    if source.is_known and is_same(list(source.probe), vector):
        return source
    name = identity(source.endpoint, vector) + spoken(source.languages, frozenset(LANGUAGES))
    return replace(source, name=name, dimension=len(vector), probe=tuple(vector))


def _record(layout: Layout, source: Source) -> None:
    """Keep where a model is found; what stood at its endpoint before cannot be found again."""
    for each in _recorded(layout):
        if source.url and _is_of(each, source) and each.name != source.name:
            (layout.models / each.name / _FILE).unlink(missing_ok=True)
    folder = layout.models / source.name
    folder.mkdir(parents=True, exist_ok=True)
    told = asdict(source) | {"languages": sorted(source.languages)}
    partial = folder / f"{_FILE}.partial"
    partial.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / _FILE)


def _recorded(layout: Layout) -> Iterator[Source]:
    """Yield the models that were built with, as far as what is kept of them can be read."""
    for path in sorted(layout.models.glob(f"*/{_FILE}")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            lists = {"languages": frozenset(told["languages"]), "probe": tuple(told["probe"])}
            yield Source(**told | lists)
        except (OSError, ValueError, TypeError, KeyError) as error:
            _log.warning("cannot read %s: %s", path, error)


def _is_of(source: Source, other: Source) -> bool:
    """Return whether both are of one model at one address, for the same languages."""
    return (source.model, source.url, source.languages) == (other.model, other.url, other.languages)


def _found_again(layout: Layout, name: str, url: str | None) -> Source | None:
    """Return the model of a name, if it was kept where it is, it is still the same, and it may be asked.

    An endpoint is asked only while it is configured: whoever sets another model wants nothing to leave for the old one.
    """
    source = next((each for each in _recorded(layout) if each.name == name), None)
    if source is None or source.url:
        return source if source and source.url == url else None
    try:
        return source if ModelFiles(source.model, source.languages).name == name else None
    except ModelError:
        return None
