"""Models of a few thousand parameters that a test makes in a third of a second: they know letters, no words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WINDOW = 48
"""Pieces of a text that the models read."""


def _alphabet() -> list[str]:
    letters = [chr(code) for code in (*range(33, 127), *range(0x430, 0x450))] + list("ёәғқңөұүһі")
    return [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]


def _tokenizer() -> Any:
    """Return a tokenizer that cuts Latin and Cyrillic words into letters, in lower case."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = {piece: number for number, piece in enumerate(_alphabet())}
    raw = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", pieces["[CLS]"]), ("[SEP]", pieces["[SEP]"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=WINDOW,
    )  # fmt: skip


def _config(**more: Any) -> Any:
    """Return the shape of a model whose weights are large enough for all letters to count, at every place."""
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(_alphabet()), num_hidden_layers=1, intermediate_size=16,
        max_position_embeddings=WINDOW + 16, initializer_range=0.5,
        **{"hidden_size": 16, "num_attention_heads": 2} | more,
    )  # fmt: skip


def _quiet() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def embedding_model(
    folder: Path,
    *,
    prompts: Mapping[str, str] | None = None,
    default_prompt_name: str | None = None,
    pooling: str = "mean",
    dimension: int = 16,
    seed: int = 0,
    more: tuple[Any, ...] = (),
) -> Path:
    """Return the folder of a new embedding model in sentence-transformers' layout, with ``more`` layers at its end."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertModel

    _quiet()
    torch.manual_seed(seed)
    raw = folder.with_name(f"{folder.name}.raw")
    BertModel(_config(hidden_size=dimension)).save_pretrained(raw)
    _tokenizer().save_pretrained(raw)
    parts = [Transformer(str(raw), max_seq_length=WINDOW), Pooling(dimension, pooling), *more]
    SentenceTransformer(
        modules=parts, device="cpu", prompts=dict(prompts or {}), default_prompt_name=default_prompt_name
    ).save(str(folder))
    return folder


def reranking_model(folder: Path, letter: str, *, labels: int = 1) -> Path:
    """Return the folder of a new cross-encoder: the more of a pair's letters are ``letter``, the higher it scores.

    Its only layer adds nothing, and the first number of a letter's vector is high for that letter alone. The first
    place of a text, from which the score is read, attends to all letters alike.
    """
    import torch
    from transformers import BertForSequenceClassification

    _quiet()
    torch.manual_seed(0)
    model = BertForSequenceClassification(_config(num_labels=labels, num_attention_heads=1))
    wanted = [number for number, piece in enumerate(_alphabet()) if piece in {letter, f"##{letter}"}]
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
        bert = model.bert
        for norm in (
            bert.embeddings.LayerNorm,
            *(m for m in bert.encoder.modules() if isinstance(m, torch.nn.LayerNorm)),
        ):
            norm.weight.fill_(1.0)
        bert.embeddings.word_embeddings.weight[:, 1] = 1.0
        bert.embeddings.word_embeddings.weight[wanted, 1] = 0.0
        bert.embeddings.word_embeddings.weight[wanted, 0] = 1.0
        attention = bert.encoder.layer[0].attention
        attention.self.value.weight.copy_(torch.eye(16))
        attention.output.dense.weight.copy_(torch.eye(16))
        bert.pooler.dense.weight.copy_(torch.eye(16))
        model.classifier.weight[:, 0] = 8.0
        model.classifier.weight[:, 1] = -8.0
        model.classifier.bias.fill_(7.0)
    model.save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return folder
