"""The composition root: the only package that names concrete adapters."""

from assistant.bootstrap.answers import RecordsPublisher, open_assistant
from assistant.bootstrap.base import check_base, write_base_report
from assistant.bootstrap.building import build_index
from assistant.bootstrap.embedders import model_files, question_embedder, source_of
from assistant.bootstrap.fluency import Model, open_fluency, open_model
from assistant.bootstrap.keeping import open_desk, open_mentors, open_provider, open_records, records_url
from assistant.bootstrap.opened import ServingIndex
from assistant.bootstrap.pages import CURRENT_SECONDS, open_preparation, serve_pages, settings_digest
from assistant.bootstrap.telling import embedding_told, reranker_told

__all__ = [
    "CURRENT_SECONDS",
    "Model",
    "RecordsPublisher",
    "ServingIndex",
    "build_index",
    "check_base",
    "embedding_told",
    "model_files",
    "open_assistant",
    "open_desk",
    "open_fluency",
    "open_mentors",
    "open_model",
    "open_preparation",
    "open_provider",
    "open_records",
    "question_embedder",
    "records_url",
    "reranker_told",
    "serve_pages",
    "settings_digest",
    "source_of",
    "write_base_report",
]
