"""Many questions from a file of JSON Lines."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import typer

from assistant.cli.printing import print_json
from assistant.errors import AssistantError, QuestionError


def run_batch(path: Path, run: Callable[[str, list[str]], dict[str, Any]]) -> None:
    """Write one JSON line per line of the file; a line that cannot be answered says why under ``error``."""
    failed = 0
    for number, line in enumerate(_lines(path), start=1):
        identity: Any = None
        try:
            case = _parsed(line)
            identity = case.get("id")
            found = run(*_question_of(case))
        except (AssistantError, ValueError, RecursionError) as error:
            found = {"error": f"line {number}: {error}"}
            failed += 1
        print_json({"id": identity} | found)
    if failed:
        typer.echo(f"assistant: {failed} lines could not be answered; see `error` in them", err=True)
        raise typer.Exit(1)


def _parsed(line: str) -> dict[str, Any]:
    """Return the JSON object of a line.

    Raises:
        ValueError: If it is none.
    """

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON; write null")

    case = json.loads(line, parse_constant=refuse)
    json.dumps(case, allow_nan=False)  # 1e999 is read as an infinity, which no reply could repeat
    if not isinstance(case, dict):
        raise ValueError(f'{line[:40].strip()!r} is no JSON object; write {{"id": …, "question": …}}')
    return case


def _question_of(case: dict[str, Any]) -> tuple[str, list[str]]:
    """Return question and history of a batch line.

    Raises:
        ValueError: If they are not of their types.
    """
    question, history = case.get("question"), case.get("history") or []
    if not isinstance(question, str):
        raise ValueError(f"question {question!r} must be a text")
    if not isinstance(history, list) or not all(isinstance(each, str) for each in history):
        raise ValueError(f"history {str(history)[:40]!r} must be a list of texts, oldest first")
    return question, history


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines that are not blank, as UTF-8 with or without a byte order mark."""
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as file:
            for number, raw in enumerate(file):
                line = raw.removeprefix(b"\xef\xbb\xbf" if not number else b"").decode("utf-8", "replace")
                if line.strip():
                    yield line
    except OSError as error:
        raise QuestionError(f"cannot read {str(path)!r}: {error.strerror}; give a JSON Lines file") from error
