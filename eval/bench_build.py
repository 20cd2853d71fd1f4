"""The build beside the encoder alone, in one process of its own: ``python -m eval.bench_build BASE DATA``.

Same model, threads and batch size for both, loaded before the clock. The encoder runs before and after the build,
so that a slow minute of the machine shows; CPU seconds tell the two apart even on a busy machine.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def main(base: Path, data: Path) -> dict[str, list[float]]:
    """Return wall and CPU seconds of the build and, before and after it, of the encoder; and the texts."""
    from assistant.offline import switch_off_calls_home

    switch_off_calls_home()
    from assistant.knowledge.embedding import ModelFiles, TorchEmbedder
    from assistant.knowledge.generation import Layout, build, building
    from assistant.knowledge.loading import load
    from assistant.knowledge.read_texts import embedded_texts

    documents, _ = load(base)
    embedder, layout = TorchEmbedder(ModelFiles()), Layout(data)
    passages = [p for d in documents for p in d.passages if p.language in embedder.languages]
    texts = list(dict.fromkeys(text for passage in passages for text in embedded_texts(passage)))
    embedder.embed_query(texts[0])

    def encode() -> object:
        return embedder.model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)

    def build_fresh() -> object:
        with building(layout):
            return build(layout, documents, embedder)

    before, built, after = (_timed(act) for act in (encode, build_fresh, encode))
    return {"texts": [len(texts)], "before": before, "build": built, "after": after}


def _timed(act: Callable[[], object]) -> list[float]:
    """Return the wall and the CPU seconds that something takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return [time.perf_counter() - wall, time.process_time() - cpu]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
