"""The API as an application of its own: thin endpoints over the engine and the preparation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, FastAPI, Query, Request, Response

from assistant.answering.assistant import Entry
from assistant.answering.generative.outcomes import Outcomes
from assistant.contract import eligibility_json, outcomes_json, plan_json, planned, reply_json, search_json
from assistant.errors import QuestionError
from assistant.preparation.calendar_file import calendar
from assistant.preparation.plan import Plan
from assistant.preparation.plan_text import markdown
from assistant.preparation.preparing import Preparation
from assistant.preparation.profile import circumstances, read_profile
from assistant.preparation.refused_text import refused_words
from assistant.preparation.verdicts import judge_all
from assistant.types import Conversation, Filters, Hit, Language, Turn
from assistant.web.api.errors import Failure, Speaks, answer_errors, reply, words
from assistant.web.api.replies import EligibilityShape, ErrorShape, PlanShape, ReplyShape, SearchShape
from assistant.web.api.requests import AskRequest, EligibilityRequest, PlanQuery, PlanRequest, SearchRequest
from assistant.web.ports import Assistant
from assistant.web.threads import in_thread
from assistant.web.wording import texts

PATH = "/api/v1"
"""Where the API stands; its version is part of the address."""

AT_ONCE = 16
"""Requests that are worked on at once; further ones wait."""

_ICS, _MARKDOWN = "text/calendar", "text/markdown"
_log = logging.getLogger(__name__)
_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorShape} for status in (400, 413, 422, 429, 503)}
Made = TypeVar("Made")


def _file_replies(kind: str) -> dict[int | str, dict[str, Any]]:
    """Return how replies that are files are described: their type, and the errors that an address can cause."""
    file: dict[str, Any] = {"content": {kind: {"schema": {"type": "string"}}}, "description": "The file"}
    return {200: file, **{status: _ERRORS[status] for status in (400, 422, 429, 503)}}


class Engine(Assistant, Protocol):
    """What the API needs of the assistant; safe to call from several threads at once."""

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        history: tuple[str, ...] = (),
        page_language: Language | None = None,
        filters: Filters | None = None,
    ) -> tuple[Hit, ...]:
        """Return up to ``k`` sections for a question, best first.

        Raises:
            QuestionError: If the question has no letter or digit, or is longer than 2,000 characters.
        """
        ...

    def catalogue(self) -> tuple[Entry, ...]:
        """Return every document in every language, without its text."""
        ...

    def outcomes(self) -> Outcomes | None:
        """Return what a language model has done for replies since the start; None if there is none."""
        ...


def create_api(
    engine: Engine, preparation: Preparation, *, speaks: Speaks, today: Callable[[], date] = date.today
) -> FastAPI:
    """Return the application to be mounted at ``PATH``.

    Args:
        engine: Answers and searches.
        preparation: Rules and steps.
        speaks: Gives the language of ours that fits an ``Accept-Language`` header best.
        today: Gives the day from which plans are judged.
    """
    api = FastAPI(title="Pre-departure assistant", version="1", docs_url=None, redoc_url=None, description=_ABOUT)
    worker = _Worker()
    answer_errors(api, speaks)
    _questions(api, engine, worker, today)
    _profiles(api, preparation, worker, today)
    _files(api, preparation, worker, today)
    return api


def readiness(engine: Engine) -> APIRouter:
    """Return the route that tells a monitor whether questions can be answered."""
    made = APIRouter()

    @made.get("/ready")
    def ready() -> Response:
        try:
            documents, outcomes = len(engine.catalogue()), engine.outcomes()
        except Exception as error:  # whatever broke: the monitor learns that it did, and nothing else
            _log.error("not ready: %s", type(error).__name__)
            return reply({"status": "failing"}, 503)
        model = {"model": outcomes_json(outcomes)} if outcomes else {}
        status = "ready" if documents else "empty"
        return reply({"status": status, "documents": documents} | model, 200 if documents else 503)

    return made


_ABOUT = (
    "Answers in literal quotes, searches, verdicts on exchange programmes and personal plans. "
    "Nothing that is sent here is kept."
)


class _Worker:
    """Runs what blocks in threads, a bounded number at once; what breaks is a failure without a trace."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, work: Callable[[], Made], language: Language) -> Made:
        """Return what ``work`` makes.

        Raises:
            Failure: If the question has no words, or anything broke.
        """
        async with self._places:
            try:
                return await in_thread(work)
            except QuestionError as error:
                raise Failure(422, "question_empty", texts(language).empty_question, "question") from error
            except Failure:
                raise
            except Exception as error:  # the message may repeat a question, and questions are not logged
                _log.error("a request of the API failed: %s", type(error).__name__)
                raise Failure(503, "failed", words(language).failed) from None


def _questions(api: FastAPI, engine: Engine, worker: _Worker, today: Callable[[], date]) -> None:
    @api.post("/ask", response_model=ReplyShape, responses=_ERRORS)
    async def ask(asked: AskRequest) -> Response:
        """Answer a question in literal quotes, or abstain."""

        def work() -> dict[str, Any]:
            talk = Conversation(tuple(map(Turn, asked.history)))
            about = circumstances(read_profile(asked.profile, today=today())[0])
            return reply_json(engine.ask(asked.question, conversation=talk, page_language=asked.language, about=about))

        return reply(await worker.run(work, asked.language or "en"))

    @api.post("/search", response_model=SearchShape, responses=_ERRORS)
    async def search(asked: SearchRequest) -> Response:
        """Find the sections that are nearest to a question."""

        def work() -> dict[str, Any]:
            return search_json(
                engine.search(
                    asked.question,
                    k=asked.k,
                    history=tuple(asked.history),
                    page_language=asked.language,
                    filters=asked.filters,
                )
            )

        return reply(await worker.run(work, asked.language or "en"))


def _profiles(api: FastAPI, preparation: Preparation, worker: _Worker, today: Callable[[], date]) -> None:
    @api.post("/eligibility", response_model=EligibilityShape, responses=_ERRORS)
    async def eligibility(asked: EligibilityRequest) -> Response:
        """Judge every programme, requirement by requirement, each with the clause that states it."""

        def work() -> dict[str, Any]:
            profile, refused = read_profile(asked.profile, today=today())
            return eligibility_json(judge_all(preparation.programmes, profile), refused, asked.language)

        return reply(await worker.run(work, asked.language))

    @api.post("/plan", response_model=PlanShape, responses=_ERRORS)
    async def plan(asked: PlanRequest) -> Response:
        """Make the personal plan: what to do, by when, and why."""

        def work() -> dict[str, Any]:
            profile, refused = read_profile(asked.profile, today=today())
            return plan_json(planned(preparation, profile, asked.done, today=today()), refused, asked.language)

        return reply(await worker.run(work, asked.language))


def _files(api: FastAPI, preparation: Preparation, worker: _Worker, today: Callable[[], date]) -> None:
    def made(asked: PlanQuery) -> Plan:
        profile, refused = read_profile(asked.profile, today=today())
        if refused:
            first = refused[0]
            raise Failure(422, "refused", refused_words(first, asked.language), first.field)
        return planned(preparation, profile, asked.steps_done, today=today())

    @api.get("/plan.ics", response_class=Response, responses=_file_replies(_ICS))
    async def plan_ics(request: Request, asked: Annotated[PlanQuery, Query()]) -> Response:
        """Return the open steps of a plan as a calendar file (RFC 5545)."""

        def work() -> bytes:
            plan = made(asked)
            if plan.departure is None:
                raise Failure(400, "no_departure", words(asked.language).no_departure, "departure")
            return calendar(plan, asked.language, address=address(request), now=datetime.now(UTC))

        return _file(await worker.run(work, asked.language), _ICS, "exchange-plan.ics")

    @api.get("/plan.md", response_class=Response, responses=_file_replies(_MARKDOWN))
    async def plan_md(request: Request, asked: Annotated[PlanQuery, Query()]) -> Response:
        """Return a plan as Markdown to keep or to print."""

        def work() -> bytes:
            return markdown(made(asked), asked.language, address=address(request)).encode()

        return _file(await worker.run(work, asked.language), _MARKDOWN, "exchange-plan.md")


def address(request: Request) -> str:
    """Return the base address under which a request came, from its host name and port alone."""
    url = request.url
    try:
        port = url.port
    except ValueError:  # the header names a port that is none
        port = None
    name = url.hostname or ""
    host = f"[{name}]" if ":" in name else name
    return f"{url.scheme}://{host}{f':{port}' if port else ''}"


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)
