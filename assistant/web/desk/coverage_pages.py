"""The coverage page, its tables as files, the file for a new section, and the reviewed questions for the evaluation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from assistant.records.agreement import LEAST, Agreement
from assistant.records.covered import Group, Period, Snapshot
from assistant.records.exporting import lines
from assistant.records.items import Wanted
from assistant.records.mentors import Role
from assistant.records.retention import DAYS
from assistant.types import Language
from assistant.web.desk import gate
from assistant.web.desk.coverage_plots import WIDTH, Part, field_plots, week_plots
from assistant.web.desk.coverage_section import section_file
from assistant.web.desk.coverage_tables import NAMED, section_href, table
from assistant.web.desk.coverage_words import CoverageWords, coverage_words
from assistant.web.desk.gate import Signed
from assistant.web.desk.moments import moment
from assistant.web.desk.parts import Desk
from assistant.web.desk.queue_view import address, topic_name
from assistant.web.desk.words import frame
from assistant.web.library.facts import country_name

PAGE = "coverage"
SHOWN = 20
"""Groups with their examples on the page; its table has all."""

MOST_QUESTIONS = 40
"""Questions of a group that are read for a new section."""

_FOR_COORDINATORS = frozenset({"mentors"})


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the page in one language."""
    made = APIRouter(prefix=f"/{PAGE}")

    @made.get("/")
    def shown(signed: Annotated[Signed, Depends(gate.signed_in)], period: str = "") -> Response:
        return _page(desk.coverage.snapshot(_period(period)), signed, language)

    @made.get("/reviewed.jsonl")
    def reviewed(signed: Annotated[Signed, Depends(gate.coordinator)]) -> Response:
        return _file("reviewed.jsonl", lines(desk.reviewed(signed.mentor.id)), "application/x-ndjson")

    @made.get("/{name}.csv")
    def as_csv(
        request: Request, name: str, signed: Annotated[Signed, Depends(gate.signed_in)], period: str = ""
    ) -> Response:
        return _csv(desk, request, name, signed, _period(period), language)

    @made.get("/groups/{id}/section.md")
    def section(request: Request, id: str, signed: Annotated[Signed, Depends(gate.signed_in)]) -> Response:
        found = desk.coverage.asked(int(id), MOST_QUESTIONS) if id.isascii() and id.isdigit() and len(id) < 10 else None
        if found is None:
            return gate.refusal(request, "missing", 404, signed=signed)
        spoken, text = section_file(found, language)
        desk.coverage.exported(signed.mentor.id, f"section for item {int(id)}", {"questions": len(found.questions)})
        return _file(f"new_section.{spoken}.md", text, "text/markdown")

    return made


def agreement_said(of: Agreement, words: CoverageWords) -> str:
    """Return how far two mentors agree, in words."""
    if of.items < LEAST:
        return words.agreement_few.format(count=of.items, least=LEAST)
    if of.kappa is None or of.low is None or of.high is None or of.observed is None:
        return words.agreement_same.format(count=of.items)
    figures = {"kappa": of.kappa, "low": of.low, "high": of.high}
    rounded = {name: f"{value:.2f}".replace("-", "−") for name, value in figures.items()}
    return words.agreement_said.format(**rounded, observed=f"{100 * of.observed:.0f}", count=of.items)


def _period(given: str) -> Period:
    """Return the period that an address asks for; a quarter of a year if it asks for none that there is."""
    return Period(given) if given in set(Period) else Period.QUARTER


def _page(of: Snapshot, signed: Signed, language: Language) -> Response:
    words = coverage_words(language)
    is_coordinator = signed.mentor.role is Role.COORDINATOR
    named = [name for name in NAMED if is_coordinator or name not in _FOR_COORDINATORS]
    return gate.render(
        "coverage.html",
        signed,
        language,
        page=PAGE,
        words=words,
        of=of,
        period=of.period.value,
        at=moment(of.at, language),
        days=DAYS,
        tables={name: table(name, of, language) for name in named},
        parts=tuple(Part),
        width=WIDTH,
        week_plots=week_plots(of, language),
        field_plots=field_plots(of, language),
        groups=[_group(each, language) for each in of.groups[:SHOWN]],
        sections=len(of.sections) + len(of.unused),
        agreement=agreement_said(of.agreement, words),
        coordinator=is_coordinator,
    )


def _group(of: Group, language: Language) -> dict[str, object]:
    """Return a group as the template prints it."""
    words = coverage_words(language)
    country = country_name(of.country, language) or words.no_country
    return {
        "title": f"{topic_name(of.topic, language) or words.no_topic} · {country}",
        "section": of.section,
        "href": section_href(of.section, language) if of.section else "",
        "said": words.group_said.format(count=of.count, abstained=of.abstained, low=of.low, open=of.open),
        "when": words.group_when.format(first=moment(of.first, language), last=moment(of.last, language)),
        "languages": ", ".join(f"{frame(language).speeches[each]} {count}" for each, count in of.languages.items()),
        "examples": of.examples,
        "queue": address(language, Wanted(stage=None, alike=of.item, folded=True)) if of.section else "",
        "item": of.item,
    }


def _csv(desk: Desk, request: Request, name: str, signed: Signed, period: Period, language: Language) -> Response:
    if name in _FOR_COORDINATORS and signed.mentor.role is not Role.COORDINATOR:
        return gate.refusal(request, "coordinators", 403, signed=signed)
    found = table(name, desk.coverage.snapshot(period), language)
    if found is None:
        return gate.refusal(request, "missing", 404, signed=signed)
    desk.coverage.exported(signed.mentor.id, f"coverage {name}", {"period": period.value, "rows": len(found.rows)})
    return _file(f"coverage-{name}-{period.value}.csv", found.csv, "text/csv")


def _file(name: str, text: str, kind: str) -> Response:
    """Return a file to be saved; it is never kept by a browser or proxy."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(text.encode(), media_type=f"{kind}; charset=utf-8", headers=headers)
