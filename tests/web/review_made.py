"""A desk with a reply to be reviewed, and the forms in which mentors answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

from desk_pages import csrf_of
from queue_made import recorded
from starlette.testclient import TestClient
from web_fakes import FakeAssistant, answer, guide

from assistant.contract import reply_json
from assistant.records.database import Database
from assistant.records.ports import NewTurn, TurnKey
from assistant.types import Document, Language, Reply
from assistant.web.desk.parts import Desk

PERMIT, FEES = "host_guides/poland#permit", "host_guides/poland#fees"


class Changing(FakeAssistant):
    """A library whose guide can be edited."""

    def __init__(self) -> None:
        self.edits: dict[tuple[Language, str], str] = {}
        self.gone: set[str] = set()

    def document(self, id: str, language: Language) -> Document | None:
        """Return a document with what was edited in it."""
        found = super().document(id, language)
        if found is None or id != guide(language).id:
            return found
        kept = (each for each in found.passages if each.section not in self.gone)
        passages = (replace(each, text=self.edits.get((language, each.section), each.text)) for each in kept)
        return replace(found, passages=tuple(passages))


@dataclass(frozen=True, slots=True)
class Bench:
    """A desk with its database, its library, and two mentors who have signed in."""

    database: Database
    desk: Desk
    library: Changing
    mentor: TestClient
    other: TestClient

    def ask(self, question: str = "Permit?", language: Language = "en", reply: Reply | None = None) -> TurnKey:
        """Record a question with its reply, doubtful so that it waits for a mentor."""
        said = reply_json(reply or answer(language))
        turn = NewTurn(question=question, reply=said, generation="g", settings="s", version="1", language=language,
                       country="PL", doubtful=True)  # fmt: skip
        return recorded(self.database, turn)[0]

    def claim(self, client: TestClient | None = None, id: int = 1, **fields: str) -> None:
        """Take an item."""
        chosen = client or self.mentor
        reply = chosen.post(f"/en/desk/items/{id}/claim", data={"csrf": csrf_of(chosen), **fields})
        assert reply.status_code == 303, reply.text

    def open(self, way: str, language: Language = "en", id: int = 1, client: TestClient | None = None) -> Page:
        """Open the form of an item, and word the question if nobody has."""
        page = Page.read((client or self.mentor).get(f"/{language}/desk/items/{id}/review?way={way}"))
        if not page.fields.get(f"{language}-question", "-"):
            page.fields[f"{language}-question"] = "When to apply for a permit?"
        return page

    def send(self, page: Page, deed: str, **typed: Any) -> Page:
        """Send the form of a page as it stands, with what was typed into it, by one of its buttons."""
        fields = {**page.fields, **{name.replace("__", "-"): value for name, value in typed.items()}, "deed": deed}
        return Page.read(self.mentor.post(page.action, data=fields))


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its form.

    Attributes:
        html: All of it; ``read`` what a reader sees.
        fields: What the form would send.
        ids: The ids on it.
    """

    status: int
    place: str
    html: str
    action: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, response: Any) -> Page:
        """Read a reply."""
        reader = _Reader()
        reader.feed(response.text)
        place = response.headers.get("location", "")
        return cls(response.status_code, place, response.text, reader.action, reader.fields, tuple(reader.ids))

    @property
    def words(self) -> str:
        """What a reader sees."""
        return " ".join(unescape(re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<[^>]*>", " ", self.html)).split())

    @property
    def faults(self) -> tuple[str, ...]:
        """The fields to which the summary of faults leads."""
        found = re.search(r'(?s)id="faults".*?</div>', self.html)
        return tuple(re.findall(r'href="#([^"]+)"', found[0])) if found else ()


class _Reader(HTMLParser):
    """Reads the last form that is no sign-out, as a browser would send it."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields, self.ids = "", dict[str, Any](), list[str]()
        self._within, self._area, self._select = False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self._within = "answer" in given.get("class", "") or given.get("action", "").endswith(("resume", "retire"))
            self.action = given["action"] if self._within else self.action
        if not self._within:
            return
        name = given.get("name", "")
        if tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif tag == "select":
            self._select, self.fields[name] = name, ""
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given["value"]
        elif tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self._add(name, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        self._within = self._within and tag != "form"

    def _add(self, name: str, value: str) -> None:
        known = self.fields.get(name)
        self.fields[name] = value if known is None else [*([known] if isinstance(known, str) else known), value]
