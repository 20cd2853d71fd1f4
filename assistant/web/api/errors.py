"""What the API refuses or cannot do: one shape for every error, in the language of whoever asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from assistant.types import LANGUAGES, Language
from assistant.web.wording import read_words, texts

_TEXTS = Path(__file__).with_name("texts")

Speaks = Callable[[str], Language]
"""Gives the language of ours that fits an ``Accept-Language`` header best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the errors in one language."""

    not_json: str
    not_found: str
    missing: str
    unknown: str
    too_much: str
    wrong: str
    no_departure: str
    failed: str


class Failure(Exception):
    """A request that cannot be answered.

    Attributes:
        status: HTTP status.
        code: What is wrong, for a program.
        message: What is wrong, for a person.
        field: The field that is wrong; empty if it is none.
    """

    def __init__(self, status: int, code: str, message: str, field: str = "") -> None:
        """Keep what is wrong."""
        super().__init__(code)
        self.status, self.code, self.message, self.field = status, code, message, field


@cache
def words(language: Language) -> Words:
    """Return the words of the errors in a language."""
    return read_words(_TEXTS / f"{language}.toml", Words)


def reply(data: Mapping[str, Any], status: int = 200) -> Response:
    """Return data as JSON in UTF-8; half a surrogate pair, which no text holds, becomes a question mark."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def refusal(failure: Failure) -> Response:
    """Return a failure in the shape that all errors have."""
    error = {"code": failure.code, "message": failure.message}
    return reply({"error": error | ({"field": failure.field} if failure.field else {})}, failure.status)


def answer_errors(api: FastAPI, speaks: Speaks) -> None:
    """Let an application answer every error in the one shape."""

    async def failed(_: Request, error: Any) -> Response:
        return refusal(error)

    async def invalid(request: Request, error: Any) -> Response:
        return refusal(_invalid(error, _language(request, error.body, speaks)))

    async def unreachable(request: Request, error: Any) -> Response:
        told = words(_language(request, None, speaks))
        if error.status_code == 400:
            return refusal(Failure(400, "not_json", told.not_json))
        return refusal(Failure(error.status_code, "not_found", told.not_found))

    api.add_exception_handler(Failure, failed)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(HTTPException, unreachable)


def _language(request: Request, body: object, speaks: Speaks) -> Language:
    """Return the language that a request asks for: in its body, its query, or the header."""
    wished = body.get("language") if isinstance(body, dict) else request.query_params.get("language")
    found = next((language for language in LANGUAGES if language == wished), None)
    return found or speaks(request.headers.get("accept-language", ""))


def _invalid(error: RequestValidationError, language: Language) -> Failure:
    """Return the first thing that is wrong with the form of a request."""
    first, told = error.errors()[0], words(language)
    field = ".".join(map(str, first["loc"][1:]))
    limit = first.get("ctx", {}).get("max_length")
    if first["type"] == "json_invalid" or not field:
        return Failure(400, "not_json", told.not_json)
    if field == "question" and limit:
        return Failure(422, "question_too_long", texts(language).long_question, field)
    if limit:
        return Failure(422, "too_much", told.too_much.format(field=field, limit=limit), field)
    code = {"missing": "missing", "extra_forbidden": "unknown"}.get(first["type"], "wrong")
    return Failure(422, code, getattr(told, code).format(field=field), field)
