"""What ``doctor`` tells of the language model: which, where, whether it writes, and what leaves this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.answering.generative.writing import Prompt
from assistant.errors import WritingError
from assistant.models.context import UNKNOWN
from assistant.models.endpoint import Endpoint
from assistant.models.opening import open_writer
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.models.chat import ChatWriter

_TRIAL = Prompt(system="You answer in one word.", user="Write the word: ready")
_TOKENS, _SECONDS = 16, 15.0
_WRITES = frozenset({"long", "empty"})  # not what was wished, but it is there and writes


def examined(settings: Settings) -> tuple[bool, str]:
    """Return whether the language model can be used, and what there is to know about it; it writes one word for that.

    Raises:
        SettingError: If it is not well configured.
    """
    writer = open_writer(settings)
    if writer is None:
        return True, "none is configured: nothing leaves this machine"
    ok, trial = _tried(writer)
    told = writer.asker.told_context if ok else None
    context = f"a context of {told} tokens" if told else f"it does not tell its context, {UNKNOWN} tokens are assumed"
    parts = [f"{writer.name} at {writer.endpoint.host}: {trial}", *([context] if ok else [])]
    return ok, "; ".join([*parts, sent(writer.endpoint, masked=settings.llm_mask)])


def sent(endpoint: Endpoint, *, masked: bool) -> str:
    """Return in a sentence what the endpoint is sent, and where that is."""
    where = "to this machine only" if endpoint.local else f"LEAVES THIS MACHINE, to {endpoint.host}"
    how = "personal data masked" if masked else "personal data NOT masked"
    return f"what is sent, {where}: the question and earlier questions ({how}), quoted sections, and prompts"


def _tried(writer: ChatWriter) -> tuple[bool, str]:
    writing = writer.write(_TRIAL, most_tokens=_TOKENS, seconds=_SECONDS)
    try:
        for _ in writing:
            pass
    except WritingError as error:
        return error.fault in _WRITES, f"{error.fault}: {error}"
    finally:
        writing.close()
    return True, f"wrote a word in {writing.usage.seconds:.1f} s"
