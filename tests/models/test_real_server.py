"""A real server with a tiny model that has learnt nothing: its babble is text or a fault, and never holds anybody up."""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from writers import PROMPT, ended, writer_of

from assistant.errors import WritingError
from assistant.models.progress import Times

STARTS_WITHIN = 60.0
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "

pytestmark = pytest.mark.slow


def write_tiny_model(folder: Path) -> None:
    """Write a Llama of random weights and a tokenizer of a few hundred pieces to ``folder``."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    texts = [PROMPT.system, PROMPT.user, "Орташа балл кемінде 2,67 болуы керек.", "Нужен средний балл не ниже 2,67."]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    pieces.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=2048, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)


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


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Return address and name of the model that ``transformers serve`` serves."""
    if importlib.util.find_spec("accelerate") is None:
        pytest.skip("NO REAL SERVER: accelerate is not installed")
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_model(folder)
    port, said = free_port(), folder / "said.txt"
    with said.open("wb") as output:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("transformers")), "serve", str(folder), "--device", "cpu",
             "--host", "127.0.0.1", "--port", str(port)],
            stdout=output, stderr=subprocess.STDOUT,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    try:
        if not answers(f"http://127.0.0.1:{port}/health", server):
            pytest.skip(f"NO REAL SERVER: it did not start in {STARTS_WITHIN:.0f} s: {said.read_text()[-600:]}")
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        server.kill()
        server.wait()


def answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Return whether the server has come up in time."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False


def test_babble_is_text_or_a_fault_in_time(served: tuple[str, str]) -> None:
    """A model that never ends is cut off at its cap; nothing of it counts as a whole text."""
    url, model = served
    writer = writer_of(url, model, times=Times(first=20, pause=10))
    ends = [ended(writer, seconds=25, most_tokens=most) for most in (1, 8, 32, 64)]
    assert all(end.seconds < 27 for end in ends)
    assert {end.fault for end in ends} <= {"", "long", "empty", "late"}
    assert all("".join(end.pieces).strip() for end in ends if not end.fault)
    assert any(end.pieces for end in ends)  # it has been asked, and has babbled


def test_it_can_be_left(served: tuple[str, str]) -> None:
    """To stop reading ends the wait, whatever the server does."""
    url, model = served
    writing = writer_of(url, model, times=Times(first=20)).write(PROMPT, most_tokens=1_500, seconds=25)
    pieces = iter(writing)
    next(pieces)
    begun = time.monotonic()
    writing.close()
    with pytest.raises(WritingError):
        list(pieces)
    assert time.monotonic() - begun < 2
