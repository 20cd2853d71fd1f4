"""What a visitor waits for: the page beside an empty Gradio page, and replies beside the engine alone."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from eval.bench_figures import Measured, Say, quantile
from eval.bench_process import BenchError, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from assistant.settings import Settings

Visit = Callable[[str, str], tuple[float, float]]
"""Asks in a session, and gives the milliseconds until the first words arrived and until the reply was whole."""

_CHROMIUM = Path("/usr/bin/chromium")
_OPENINGS, _QUESTIONS = 7, 20
_VISITORS, _EACH = 20, 3
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_WORDS = 'class=\\"words\\"'


def pages(where: Sequence[str], say: Say) -> Iterator[Measured]:
    """Yield first paint and the time until one can type beside an empty Gradio page, opened in turns."""
    if not _CHROMIUM.exists():
        say(f"{_CHROMIUM} is missing: no page was opened")
        return
    from playwright.sync_api import sync_playwright

    ours, empty = ["-m", "assistant", "serve", *where, "--port"], ["-m", "eval.bench_empty_page"]
    with serving(ours) as (_, own), serving(empty) as (_, bare), sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=str(_CHROMIUM), args=arguments)
        _opened(chromium, own), _opened(chromium, bare)
        times = [(_opened(chromium, own), _opened(chromium, bare)) for _ in range(_OPENINGS)]
        chromium.close()
    for place, (name, target) in enumerate((("first paint", 1.0), ("until one can type", 2.0))):
        value, base = ([each[side][place] for each in times] for side in (0, 1))
        yield Measured(
            name=f"chat page, {name} ÷ empty Gradio page", value=median(value), base=median(base), unit="ms",
            target=target, note=f"medians of {_OPENINGS}; {_spread(value)} ÷ {_spread(base)}",
        )  # fmt: skip


def _opened(browser: Browser, address: str) -> tuple[float, float]:
    """Return the milliseconds until a new visitor sees something, and until the input is there."""
    context = browser.new_context()
    page = context.new_page()
    started = time.perf_counter()
    page.goto(f"{address}/en/", wait_until="commit")
    page.wait_for_selector("#question textarea")
    typed = 1000 * (time.perf_counter() - started)
    page.wait_for_function(_PAINTED)
    painted = float(page.evaluate(_PAINTED))
    context.close()
    return painted, typed


def replies(settings: Settings, questions: Sequence[str], where: Sequence[str]) -> Iterator[Measured]:
    """Yield the first words of a reply beside the engine alone, for one visitor and for twenty at once."""
    from assistant.bootstrap import open_assistant

    ask = open_assistant(settings).ask
    with serving(["-m", "assistant", "serve", *where, "--port"]) as (_, address):
        visit = partial(_asked, address, _submits(address))
        for question in questions[:5]:
            ask(question), visit("first", question)
        alone, served = [], []
        for place, question in enumerate(questions[5 : 5 + _QUESTIONS]):  # in turns, so that both meet a slow minute
            alone.append(_milliseconds(lambda question=question: ask(question)))  # type: ignore[misc]
            served.append(visit(f"one-{place}", question))
        with ThreadPoolExecutor(_VISITORS) as crowd:
            crowded = [each for talk in crowd.map(partial(_talk, visit, questions), range(_VISITORS)) for each in talk]
    base = median(alone)
    for name, figures, share, engine, target in (
        ("first words p50 ÷ engine alone", [first for first, _ in served], 0.5, base, 3.0),
        ("20 at once: first words p95 ÷ 20 × engine", [first for first, _ in crowded], 0.95, _VISITORS * base, 6.0),
        ("20 at once: whole reply p95 ÷ 20 × engine", [whole for _, whole in crowded], 0.95, _VISITORS * base, 12.0),
    ):
        yield Measured(
            name=name, value=quantile(figures, share), base=engine, unit="ms", target=target,
            note=f"{len(figures)} replies, none lost; {_spread(figures)}, engine {_spread(alone)}",
        )  # fmt: skip


def _talk(
    visit: Callable[[str, str], tuple[float, float]], questions: Sequence[str], number: int
) -> list[tuple[float, float]]:
    """Return the times of one visitor's questions, one after the other."""
    own = questions[number * _EACH : (number + 1) * _EACH]
    return [visit(f"crowd-{number}", question) for question in own]


def _submits(address: str) -> dict[str, int]:
    """Return the event that asks, and how many values it takes."""
    with urllib.request.urlopen(f"{address}/en/config", timeout=60) as reply:  # noqa: S310  our own server
        config = json.load(reply)
    event = next(d for d in config["dependencies"] if any(each == "submit" for _, each in d["targets"]))
    return {"id": event["id"], "inputs": len(event["inputs"])}


def _asked(address: str, event: dict[str, int], session: str, question: str) -> tuple[float, float]:
    """Return the milliseconds until the first words of a reply arrived, and until it was whole.

    Raises:
        BenchError: If a reply is lost.
    """
    data = [question, *[None] * (event["inputs"] - 1)]
    body = json.dumps({"data": data, "fn_index": event["id"], "session_hash": session}).encode()
    headers = {"content-type": "application/json", "origin": address}
    started, first = time.perf_counter(), 0.0
    join = urllib.request.Request(f"{address}/en/gradio_api/queue/join", body, headers)  # noqa: S310
    urllib.request.urlopen(join, timeout=120).close()  # noqa: S310
    stream = f"{address}/en/gradio_api/queue/data?session_hash={session}"
    with urllib.request.urlopen(stream, timeout=120) as lines:  # noqa: S310
        for line in map(bytes.decode, lines):
            now = 1000 * (time.perf_counter() - started)
            first = first or (now if _WORDS in line else 0.0)
            if '"process_completed"' in line:
                if not first or '"success":true' not in line.replace(" ", ""):
                    break
                return first, now
    raise BenchError(f"the reply to {question!r} was lost")


def _milliseconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def _spread(values: Sequence[float]) -> str:
    """Return the middle half of the values."""
    return f"{quantile(values, 0.25):.0f}-{quantile(values, 0.75):.0f}"


if __name__ == "__main__":  # the web part alone, over an index that is there: python -m eval.bench_web
    from assistant.knowledge.loading import load
    from assistant.settings import load_settings
    from eval.bench import questions_of

    known = load_settings()
    sample = [question for question, _ in questions_of(load(known.knowledge_base)[0])]
    for line in (*pages([], print), *replies(known, sample, [])):
        print(line, flush=True)
