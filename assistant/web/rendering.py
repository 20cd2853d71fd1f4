"""Markdown from documents and replies, as HTML that cannot do harm.

Documents are written by others, so nothing of them reaches the browser's own Markdown parser:
it is rendered here, by one strict parser that knows no HTML, no images and no links but those
allowed, into one line of HTML (a line without breaks is one HTML block, which Gradio passes on
as it stands before it sanitises it once more).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Any
from urllib import parse
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from assistant.types import Language

OPEN, CLOSE = "⸨", "⸩"
"""Brackets around highlights until the HTML is made.

They are punctuation, so emphasis next to them keeps its meaning; a text's own become ``(`` and ``)``.
"""

_MARK = re.compile(r"\[(\d{1,3})\]")
_OPENED = re.compile(rf"{OPEN}(\d{{1,3}}){CLOSE}")
_ENDED = f"{OPEN}/{CLOSE}"
_LEAD = re.compile(r"[ \t]{0,40}(?:(?:[-*+>]|\d{1,9}[.)]|#{1,6})[ \t]+){0,4}")
_SECTION = re.compile(r"[a-z0-9_]{1,60}(?:/[a-z0-9_]{1,60}){1,4}(?:#[a-z0-9-]{1,80})?", re.ASCII)
_RULER = frozenset("|:- \t")
_CELL_EDGE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a mark such as ``[1]`` leads: an id on this page, and the words of its tooltip."""

    target: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a text may link to.

    Attributes:
        marks: Its marks, by number.
        addresses: The addresses of its sources.
        library: Language of the library to whose documents it may link; None for none.
    """

    marks: Mapping[int, Mark] = field(default_factory=lambda: MappingProxyType({}))
    addresses: frozenset[str] = frozenset()
    library: Language | None = None


NOTHING = Allowed()


def safe_address(address: str) -> str:
    """Return the address if it is a plain ``https`` one, else an empty string."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    odd = any(character.isspace() or character in "<>\"'`\\" for character in address)
    return address if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and not odd else ""


def link(address: str, words: str) -> str:
    """Return a link that opens in a new tab; only the words if the address is not a safe one."""
    if not safe_address(address):
        return escape(words)
    rel = "noopener noreferrer nofollow"
    return f'<a href="{escape(address)}" target="_blank" rel="{rel}">{escape(words)}</a>'


def section_link(section: str, language: Language, words: str) -> str:
    """Return a link to where a section (``document#anchor``) stands in its document, in the library."""
    document, mark, anchor = section.rpartition("#")
    place = f"{parse.quote(document)}#{parse.quote(anchor)}" if mark else parse.quote(section)
    return f'<a class="here" href="/{language}/library/{escape(place)}">{escape(words)}</a>'


def one_line(text: str) -> str:
    """Return the text escaped and on one line: a blank line would end the block of HTML around it."""
    return escape(" ".join(text.split()))


def plain(text: str) -> str:
    """Return the text as one paragraph that shows it letter for letter, line breaks included."""
    return f"<p>{escape(text.strip()).replace(chr(10), '<br>')}</p>"


def preformatted(text: str) -> str:
    """Return the text as one line of HTML that shows it letter for letter, spaces and line breaks included."""
    return f"<pre>{escape(text).replace(chr(10), '&#10;')}</pre>"


def html(markdown: str, allowed: Allowed = NOTHING) -> str:
    """Return the Markdown as one line of HTML without images, scripts or foreign links."""
    environment = {"allowed": allowed, "closing": []}
    made: str = _PARSER.render(_without_brackets(markdown), environment)
    return made.replace("\n", " ").strip()


def highlighted(markdown: str, quotes: Iterable[tuple[int, str]], allowed: Allowed = NOTHING) -> str:
    """Return the Markdown as HTML with each quote in ``<mark class="q<number>">``.

    Args:
        markdown: The whole text of a section.
        quotes: Numbers with the literal quotes; one that overlaps an earlier one is not marked twice.
        allowed: What the text may link to.
    """
    text = _without_brackets(markdown)
    segments = sorted(_segments(text, [(number, _without_brackets(quote)) for number, quote in quotes]))
    pieces, position = [], 0
    for start, end, number in segments:
        if start >= position:
            pieces += [text[position:start], f"{OPEN}{number}{CLOSE}", text[start:end], _ENDED]
            position = end
    environment = {"allowed": allowed, "closing": []}
    made: str = _PARSER.render("".join([*pieces, text[position:]]), environment)
    return _OPENED.sub(r'<mark class="q\1">', made).replace(_ENDED, "</mark>").replace("\n", " ").strip()


def _without_brackets(text: str) -> str:
    """Return the text with its own highlight brackets made ordinary; the length stays."""
    return text.replace(OPEN, "(").replace(CLOSE, ")")


def _segments(text: str, quotes: Iterable[tuple[int, str]]) -> Iterable[tuple[int, int, int]]:
    """Yield (start, end, number) for each stretch of a quote that lies inside one line or cell."""
    for number, quote in quotes:
        start = text.find(quote)
        while quote and start >= 0 and start < text.find(quote) + len(quote):
            line_start = text.rfind("\n", 0, start) + 1
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            end = min(line_end, text.find(quote) + len(quote))
            row = text[line_start:line_end].lstrip().startswith("|")
            if not _RULER.issuperset(text[line_start:line_end]):  # a mark there, and it is no table any more
                yield from (
                    (a, b, number) for a, b in _inside(text, start, end, row, at_line_start=start == line_start)
                )
            start = line_end + 1


def _inside(text: str, start: int, end: int, row: bool, *, at_line_start: bool) -> Iterable[tuple[int, int]]:
    """Yield the trimmed parts of one line: its cells if it is a table row, else what follows its marker."""
    edges = [match.start() for match in _CELL_EDGE.finditer(text, start, end)] if row else []
    if at_line_start and not row and (lead := _LEAD.match(text, start, end)):
        start = lead.end()
    for left, right in zip([start, *(edge + 1 for edge in edges)], [*edges, end], strict=True):
        words = text[left:right]
        if words.strip():
            yield left + len(words) - len(words.lstrip()), right - len(words) + len(words.rstrip())


class _Strict(RendererHTML):
    """Renders what the parser found; every rule here is one thing a document may not do."""

    def text(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return escaped text whose marks are links."""
        marks = env["allowed"].marks

        def linked(match: re.Match[str]) -> str:
            mark = marks.get(int(match[1]))
            if mark is None:
                return match[0]
            return f'<a class="mark" href="#{escape(mark.target)}" title="{one_line(mark.title)}">{match[1]}</a>'

        return _MARK.sub(linked, escape(tokens[index].content))

    def image(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return the image's description only: an image is fetched without a click."""
        return escape(tokens[index].content)

    def link_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return a link if its address is allowed; another address is shown after the words as text."""
        address = str(tokens[index].attrGet("href") or "")
        if address in env["allowed"].addresses and safe_address(address):
            env["closing"].append("</a>")
            return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer nofollow">'
        library = env["allowed"].library
        if library and _SECTION.fullmatch(address):
            env["closing"].append("</a>")
            return f'<a class="here" href="/{library}/library/{escape(address)}">'
        shown = f" ({escape(address)})" if address.startswith(("https://", "http://")) else ""
        env["closing"].append(shown)
        return ""

    def link_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return what the opening of this link promised."""
        return str(env["closing"].pop())

    def heading_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return a heading below those of the page, whatever its level in the document."""
        return "<h4>"

    def heading_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return the end of a heading."""
        return "</h4>"

    def table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return a table in a frame that scrolls sideways by itself, also with the keyboard."""
        return '<div class="wide" tabindex="0"><table>'

    def table_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return the end of a table and of its frame."""
        return "</table></div>"

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return code as preformatted text in any language, so that no diagram is drawn from it."""
        return preformatted(tokens[index].content)

    def code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return indented code as fenced code."""
        return self.fence(tokens, index, options, env)

    def code_inline(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Return escaped code."""
        return f"<code>{escape(tokens[index].content)}</code>"


def _parser() -> MarkdownIt:
    """Return CommonMark with tables, without HTML and reference definitions."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Strict)
    return parser.enable("table").disable(["reference", "html_block", "html_inline", "autolink"])


_PARSER = _parser()
