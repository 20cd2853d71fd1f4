"""A language model that has learnt nothing, behind a real server: ``python tests/models/babble.py --questions 200``.

Its weights are random and its pieces are those of the base's own words, so that it babbles about the right things. With
``--shuffled``, a scripted server shuffles the words of the very sections it was sent instead, and marks each sentence.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import random
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import model_server

STARTS_WITHIN = 60.0
CONTEXT = 16_384
PIECES = 3_000
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question.

    Attributes:
        outcome: What the record says of the model; empty for an abstention, which asks none.
        shown: Texts of the model that were shown, on the way or at the end.
        dropped: Sentences of it that were not.
        seconds: How long the reply took.
    """

    outcome: str
    shown: tuple[str, ...]
    dropped: tuple[str, ...]
    seconds: float


def write_babbler(folder: Path, texts: Iterable[str]) -> None:
    """Write a Llama of random weights to ``folder``, with pieces of the words of ``texts``."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False
    )
    pieces.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(20)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=CONTEXT, bos_token_id=0, eos_token_id=1, pad_token_id=1,
        initializer_range=0.5,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    # Without a penalty for repetition it would write one piece for ever; stops and ends are as frequent as in a text.
    model.generation_config = GenerationConfig(
        bos_token_id=0, eos_token_id=1, pad_token_id=1, repetition_penalty=1.6,
        sequence_bias=[[[tokenizer.convert_tokens_to_ids(".")], 14.0]], exponential_decay_length_penalty=(200, 1.01),
    )  # fmt: skip
    model.save_pretrained(folder)


def shuffling(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Write six sentences, each of five to twelve words of one section in an order by chance, with its mark."""
    whole = messages[-1]["content"]
    text = whole.partition("\n\nThe student's question")[0]
    chance = random.Random(hashlib.sha256(whole.encode()).digest())
    sections = re.findall(r"^\[(\d{1,2})\] [^\n]*\n((?:(?!\[\d).*\n?)+)", text, re.MULTILINE)
    for _ in range(6):
        number, body = chance.choice(sections)
        words = [word.strip(".,;:()") for word in body.split()]
        chosen = chance.sample(words, min(len(words), chance.randint(5, 12)))
        yield f"{' '.join(chosen).capitalize()} [{number}]. "


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve the model in ``folder`` with transformers and give its address and name.

    Raises:
        RuntimeError: If it has not started in time; the message says what it said.
    """
    if importlib.util.find_spec("accelerate") is None:
        raise RuntimeError("accelerate is not installed")
    port, said = free_port(), folder / "said.txt"
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(folder), "--device", "cpu"]
    calm = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with said.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdout=output, stderr=subprocess.STDOUT, env=os.environ | calm,
        )  # fmt: skip
    try:
        if not _answers(f"http://127.0.0.1:{port}/health", server):
            raise RuntimeError(f"it did not start in {STARTS_WITHIN:.0f} s: {said.read_text()[-600:]}")
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        server.kill()
        server.wait()


@contextmanager
def babbling(base: Path, *, shuffled: bool) -> Iterator[tuple[str, str]]:
    """Give address and name of a model that babbles in the words of a base."""
    if shuffled:
        with model_server.serving(shuffling) as server:
            yield server.url, "shuffling"
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_babbler(folder, (path.read_text(encoding="utf-8") for path in sorted(base.rglob("*.md"))))
        with serving(folder) as served:
            yield served


def free_port() -> int:
    """Return a port nobody listens on, below those that clients are given."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False


def asked(assistant: Any, question: str) -> Asked:
    """Return what comes of a question, and everything that is shown on the way."""
    begun = time.monotonic()
    *way, last = assistant.converse(question)
    drafting = getattr(last, "drafting", None)
    shown = [each.text for each in (*way, last) if getattr(each, "composer", "") == "generative"]
    return Asked(
        drafting.outcome if drafting else "", tuple(shown), drafting.dropped if drafting else (),
        time.monotonic() - begun,
    )  # fmt: skip


def told(found: Sequence[Asked]) -> dict[str, Any]:
    """Return the figures of the note."""
    seconds = sorted(each.seconds for each in found if each.outcome)
    return {
        "questions": len(found),
        "a model was asked": len(seconds),
        "outcomes": dict(Counter(each.outcome or "abstained" for each in found)),
        "sentences compared": sum(len(each.dropped) + len(each.shown) for each in found),
        "sentences shown": sum(len(each.shown) for each in found),
        "seconds p50": round(seconds[len(seconds) // 2], 2),
        "seconds max": round(seconds[-1], 2),
    }


def main() -> None:
    """Ask as many questions as wished of the shipped base, with a model that babbles."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import load_settings

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--dataset", type=Path, default=Path("eval/datasets/students"))
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    settings = load_settings(llm_seconds=options.seconds)
    lines = [
        json.loads(each) for path in sorted(options.dataset.glob("*.jsonl")) for each in path.open(encoding="utf-8")
    ]
    every = max(1, len(lines) // options.questions)
    questions = [each["question"] for each in lines[::every] if "question" in each][: options.questions]
    with babbling(settings.knowledge_base, shuffled=options.shuffled) as (url, model):
        assistant = open_assistant(settings.model_copy(update={"llm": f"openai:{model}", "llm_base_url": url}))
        found = []
        for number, question in enumerate(questions, start=1):
            found.append(asked(assistant, question))
            sys.stderr.write(f"\r{number} of {len(questions)}")
    for each in found:
        for text in each.shown:
            sys.stdout.write(f"SHOWN: {text}\n")
    example = next((each.dropped[0] for each in found if each.dropped), "")
    sys.stdout.write(json.dumps(told(found) | {"for example": example}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
