"""RAGAS as the judge. This is the only door to that library: it brings the metrics and their prompts, we ask the model.

The model is asked through the program's own adapter, so that time limits, retries, the breaker and the secrecy of keys
are the same as for replies, and RAGAS itself opens no connection.
"""

from __future__ import annotations

import hashlib
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.answering.generative.writing import Prompt, Writer
from assistant.errors import WritingError
from assistant.knowledge.embedding import Embedder
from assistant.offline import switch_off_calls_home
from eval.judging import Answered, Unjudged

os.environ["RAGAS_DO_NOT_TRACK"] = "true"  # read once, when RAGAS is imported
switch_off_calls_home()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ragas
    from ragas.embeddings.base import BaseRagasEmbedding
    from ragas.llms.base import InstructorBaseRagasLLM
    from ragas.metrics.collections import AnswerRelevancy, Faithfulness

Model = TypeVar("Model", bound=BaseModel)
_SYSTEM = "You judge answers. You reply with one JSON object and nothing else."
_MOST_TOKENS = 2048
_REQUESTS = {"ragas_faithfulness": 2, "ragas_answer_relevance": 1}


class RagasJudge:
    """Judges faithfulness and answer relevance.

    The first asks whether the answer's statements can be inferred from what it cites, the second whether a question
    made from the answer is like the one that was asked. The model writes at temperature 0, so that one such question is
    made where RAGAS would have three alike.

    Attributes:
        told: Who judges, see ``judging.Judge``.
        requests: Requests for an answer by metric.
    """

    def __init__(self, writer: Writer, host: str, embedder: Embedder, seconds: float) -> None:
        """Contact nobody yet.

        Args:
            writer: The model.
            host: Where it is asked; models of one name differ between hosts.
            embedder: Compares questions, in the languages that it knows.
            seconds: Time for one text of the model.
        """
        self._writer, self._embedder, self._seconds = writer, embedder, seconds
        prompts = {metric: _digest(self._metric(metric)) for metric in _REQUESTS}
        self.told: Mapping[str, Any] = {
            "name": writer.name, "host": host, "version": f"ragas {ragas.__version__}", "embedder": embedder.name,
            "prompts": prompts,
        }  # fmt: skip
        self.requests: Mapping[str, int] = _REQUESTS

    def verdict(self, metric: str, asked: Answered) -> float:
        """Return RAGAS' figure.

        Raises:
            Unjudged: If the model fails or babbles, or the embedder does not know the language.
        """
        if metric == "ragas_answer_relevance" and asked.language not in self._embedder.languages:
            raise Unjudged(f"the embedding model does not read {asked.language}; see ASSISTANT_EMBEDDING_MODEL")
        given: dict[str, Any] = {"user_input": asked.question, "response": asked.answer}
        if metric == "ragas_faithfulness":
            given["retrieved_contexts"] = list(asked.contexts)
        try:
            value = float(self._metric(metric).score(**given).value)
        except Unjudged:
            raise
        except Exception as error:  # what RAGAS raises is written nowhere; one answer must not end the whole
            raise Unjudged(f"RAGAS has failed: {type(error).__name__}") from error
        if math.isnan(value):
            raise Unjudged("RAGAS makes no figure of what the judge wrote")
        return value

    def _metric(self, metric: str) -> Any:
        written = _Written(self._writer, self._seconds)
        if metric == "ragas_faithfulness":
            return Faithfulness(llm=written)
        return AnswerRelevancy(llm=written, embeddings=_Embedded(self._embedder), strictness=1)


class _Written(InstructorBaseRagasLLM):  # type: ignore[misc]
    """Has the model write what RAGAS asks for, for one verdict, and refuses what RAGAS would take for a bad answer."""

    def __init__(self, writer: Writer, seconds: float) -> None:
        self._writer, self._seconds = writer, seconds
        self._length: int | None = None

    def generate(self, prompt: str, response_model: type[Model]) -> Model:
        writing = self._writer.write(Prompt(_SYSTEM, prompt), most_tokens=_MOST_TOKENS, seconds=self._seconds)
        try:
            text = "".join(writing)
        except WritingError as error:
            raise Unjudged(f"{error.fault}: {error}") from error
        finally:
            writing.close()
        return self._read(text, response_model)

    async def agenerate(self, prompt: str, response_model: type[Model]) -> Model:
        return self.generate(prompt, response_model)

    def _read(self, text: str, response_model: type[Model]) -> Model:
        """Return what stands between the first and the last brace.

        Raises:
            Unjudged: If it is not what was asked for: no such object, empty, a verdict other than 0 and 1, or another
                number of verdicts than of statements.
        """
        try:
            found = response_model.model_validate_json(text[text.find("{") : text.rfind("}") + 1])
        except ValidationError as error:
            raise Unjudged("malformed: the judge has not written the JSON that it was asked for") from error
        data = found.model_dump()
        if any(str(each).strip() in {"", "[]"} for each in data.values()):
            raise Unjudged("malformed: the judge has left out what it was asked for")
        if not set(_numbers(data)) <= {0, 1}:
            raise Unjudged("malformed: the judge has given a verdict other than 0 and 1")
        lengths = [len(each) for each in data.values() if isinstance(each, list)]
        if lengths and self._length not in (None, lengths[0]):
            raise Unjudged("malformed: the judge has not given one verdict for each statement")
        self._length = lengths[0] if lengths else None
        return found


class _Embedded(BaseRagasEmbedding):  # type: ignore[misc]
    """Compares questions by the program's own embedder."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder

    def embed_text(self, text: str, **_: Any) -> list[float]:
        return self._embedder.embed_query(text)

    async def aembed_text(self, text: str, **_: Any) -> list[float]:
        return self.embed_text(text)


def _numbers(data: Any) -> Iterator[int]:
    if isinstance(data, int):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _numbers(each)


def _digest(metric: Any) -> str:
    """Return the digest of all words that a metric sends beside what is judged: its prompts, each with an example."""
    prompts = [each for _, each in sorted(vars(metric).items()) if hasattr(each, "to_string")]
    words = [_SYSTEM, *(prompt.to_string(prompt.examples[0][0]) for prompt in prompts)]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
