"""The switches that keep every library from calling home; nothing here imports anything heavy."""

from __future__ import annotations

import os

SWITCHES: tuple[tuple[str, str], ...] = (
    ("GRADIO_ANALYTICS_ENABLED", "False"),
    ("HF_HUB_OFFLINE", "1"),
    ("HF_HUB_DISABLE_TELEMETRY", "1"),
    ("TRANSFORMERS_OFFLINE", "1"),
    ("ANONYMIZED_TELEMETRY", "False"),
    ("LANGSMITH_TRACING", "false"),
    ("LANGCHAIN_TRACING_V2", "false"),
    ("DO_NOT_TRACK", "1"),
    ("TOKENIZERS_PARALLELISM", "false"),
)


def switch_off_calls_home() -> None:
    """Set each switch that the environment does not set itself.

    Must run before ``gradio`` is imported: it reads its switch once, at import.
    """
    for name, value in SWITCHES:
        os.environ.setdefault(name, value)
