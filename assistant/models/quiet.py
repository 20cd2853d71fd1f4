"""The logs of the libraries: only warnings, and no key in them."""

from __future__ import annotations

import logging

from pydantic import SecretStr

LOGGERS = ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "langchain", "langchain_core", "langchain_openai",
           "langchain_ollama", "langsmith", "ollama")  # fmt: skip
_HIDDEN = "***"
_SHORTEST = 8  # a shorter one is no secret, and would blot out words
_log = logging.getLogger(__name__)


class _Scrubber(logging.Handler):
    """Says again, without keys and without tracebacks, what a library has said."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.keys: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        for key in self.keys:
            text = text.replace(key, _HIDDEN)
        _log.log(record.levelno, "%s: %s", record.name, text)


_SCRUBBER = _Scrubber()


def quieten(key: SecretStr | None) -> None:
    """Let the libraries say warnings only, with ``key`` blotted out; what they raise we tell in our own words."""
    if key and len(key.get_secret_value()) >= _SHORTEST:
        _SCRUBBER.keys.add(key.get_secret_value())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        if _SCRUBBER not in logger.handlers:
            logger.addHandler(_SCRUBBER)
