"""The pages as one application: mounts, guard, health, and the server that runs it."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from assistant.preparation.preparing import Preparation
from assistant.records.messages import OwnStories
from assistant.records.store import Submissions
from assistant.types import LANGUAGES, Language
from assistant.web.api.service import PATH as API
from assistant.web.api.service import Engine, create_api, readiness
from assistant.web.chat import page as chat
from assistant.web.chat.page import ASKING
from assistant.web.chat.recording import Recorder
from assistant.web.desk.parts import Desk
from assistant.web.desk.routes import add_desk
from assistant.web.events import SESSIONS
from assistant.web.guard import EVENTS_PER_QUESTION, QUESTIONS_PER_ADDRESS, Guard, Rules
from assistant.web.languages import preferred_language
from assistant.web.library.routes import router as library
from assistant.web.limits import Limiter
from assistant.web.plan import page as plan
from assistant.web.share import page as share
from assistant.web.share.page import SENDING
from assistant.web.shell import PAGES, Documents, Shell
from assistant.web.theme import theme

STATIC = Path(__file__).with_name("static")

COUNTED = frozenset({ASKING, SENDING})
"""Functions of the pages that count as questions."""

QUEUE_SIZE = 64
"""Events of one page that wait, at most; without a limit, abandoned ones fill the memory."""

SHUTDOWN_SECONDS = 15
"""Time open streams get to end; without it, an open tab keeps the server alive for ever."""


@dataclass(frozen=True, slots=True)
class Page:
    """One Gradio page in all languages.

    Attributes:
        name: Its name among the ``PAGES``.
        build: Makes the page in one language.
    """

    name: str
    build: Callable[[Language], gr.Blocks]

    def path(self, language: Language) -> str:
        """Return where the page is mounted in a language, without a slash at the end."""
        return f"/{language}/{PAGES[self.name]}".rstrip("/")


def create_app(
    assistant: Engine,
    mail: Submissions,
    preparation: Preparation,
    *,
    recorder: Recorder,
    allowed_hosts: tuple[str, ...],
    requests_per_minute: int = 30,
    desk: Desk | None = None,
    stories: OwnStories | None = None,
) -> FastAPI:
    """Return the application with every page in every language.

    Args:
        assistant: Answers the questions.
        mail: Keeps what students send to the mentors.
        preparation: What the knowledge base advises to do, by when, and what is asked of whom.
        recorder: Records the conversations of the chat and erases them.
        allowed_hosts: Host names, without a port, under which the pages may be reached.
        requests_per_minute: Questions one session may ask; one address may ask four times as many.
        desk: What the mentors work with; None for no desk.
        stories: Tells participants what became of their story; None if nobody knows.
    """
    pages = (
        Page("chat", lambda language: chat.build(assistant, mail, recorder, language)),
        Page("plan", lambda language: plan.build(preparation, assistant.document, language)),
        Page("share", lambda language: share.build(mail, recorder.conversations.erase, language, stories)),
    )
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    _own_routes(app)
    app.include_router(readiness(assistant))
    app.mount(API, create_api(assistant, preparation, speaks=preferred_language))
    app.include_router(library(assistant, speaks=preferred_language))  # before the pages, whose mounts lie around it
    if desk is not None:
        add_desk(app, desk)
    asking: dict[str, frozenset[int]] = {}
    for page in sorted(pages, key=lambda page: len(PAGES[page.name]), reverse=True):  # a longer path is mounted first
        for language in LANGUAGES:
            blocks = page.build(language)
            asking[page.path(language)] = frozenset(n for n, run in blocks.fns.items() if run.concurrency_id in COUNTED)
            _mount(app, blocks, page.path(language))
    shells = _shells(pages)
    rules = Rules(
        hosts=frozenset(host.lower() for host in allowed_hosts),
        pages=frozenset(shells),
        asking=asking,
        sessions=Limiter(requests_per_minute),
        addresses=Limiter(requests_per_minute * QUESTIONS_PER_ADDRESS),
        events=Limiter(requests_per_minute * EVENTS_PER_QUESTION),
        desk=desk is not None,
    )
    app.add_middleware(CORSMiddleware, allow_origins=[])  # keeps Gradio from reflecting any origin
    app.add_middleware(Documents, shells=shells)
    app.add_middleware(Guard, rules=rules)
    return app


class _Server(uvicorn.Server):
    """Closes what an open tab holds open as soon as it is told to end; replies under way get their time."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the heartbeats of the pages, then everything else."""
        for route in getattr(self.config.app, "routes", ()):
            if stop := getattr(getattr(route, "app", None), "stop_event", None):
                stop.set()
        await super().shutdown(sockets)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Run the application until it is told to end; open streams then get some seconds, and the exit code is 0."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises the signal once more when all is closed
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = _Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def _own_routes(app: FastAPI) -> None:
    """Add what is no page: the way to one, health, and the pages' own files."""

    @app.get("/")
    async def root(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language", ""))
        return RedirectResponse(f"/{language}/", 307, {"vary": "Accept-Language"})

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/favicon.ico")
    async def icon() -> Response:
        return RedirectResponse("/page/icon.svg", 308)

    @app.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow:\n")

    app.mount("/page", StaticFiles(directory=STATIC))


def _mount(app: FastAPI, blocks: gr.Blocks, path: str) -> None:
    """Mount one page with everything switched off that a visitor does not need."""
    blocks.state_session_capacity = SESSIONS
    blocks.queue(max_size=QUEUE_SIZE, default_concurrency_limit=chat.REPLIES_AT_ONCE, api_open=False)
    gr.mount_gradio_app(
        app,
        blocks,
        path,
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size="1kb",
        theme=theme(),
    )


def _shells(pages: Sequence[Page]) -> dict[str, Shell]:
    """Return the shell of each page in each language, by path."""
    shells: dict[str, Shell] = {}
    for page in pages:
        elsewhere = {language: f"{page.path(language)}/" for language in LANGUAGES}
        shells |= {page.path(language): Shell(language, page.name, elsewhere) for language in LANGUAGES}
    return shells
