"""Markdown to units: headings, paragraphs, lists and tables with the sentences in them.

markdown-it-py finds the blocks and tells their lines; offsets are computed here, from the raw text.
What the parser drops (link definitions, quotes nested too deep) comes back as paragraphs, so that
no word of a document is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.knowledge import sentences
from assistant.types import SentenceForm

LONGEST_HEADING = 300
"""Longest heading in characters; what is longer is a paragraph that a rule happens to underline."""

_QUOTE_MARKS = re.compile(r"^[ \t]*>[ \t>]*", re.MULTILINE)
_ITEM_MARK = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])?[ \t]*")
_WORD = re.compile(r"[^\W_]")
_CONTAINERS = {"bullet_list_open", "ordered_list_open", "table_open"}
_LEAVES = {"paragraph_open", "heading_open", "fence", "code_block", "html_block", "hr"}

Piece = tuple[int, int, SentenceForm]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A heading or block of a Markdown text.

    Attributes:
        form: What it is.
        start: Offset of its first character; for a heading, of its line.
        end: Offset after its last character; for a heading, after its last line.
        pieces: What can be quoted, as (start, end, form), in order.
        level: Depth of a heading from 1; 0 for headings inside quotes and for other blocks.
        heading: The words of a heading.
        anchor: What a heading gives as ``{#anchor}``; None if it gives nothing.
    """

    form: Literal["heading", "paragraph", "list", "table"]
    start: int
    end: int
    pieces: tuple[Piece, ...]
    level: int = 0
    heading: str = ""
    anchor: str | None = None


def read_units(text: str) -> tuple[Unit, ...]:
    """Return the headings and blocks of a clean Markdown text, in order."""
    return _Reader(text).read()


def line_of(text: str, offset: int) -> int:
    """Return the line, from 1, in which ``offset`` lies."""
    return text.count("\n", 0, offset) + 1


class _Reader:
    """Reads one text: its lines, its tokens, and which lines a token has claimed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._claimed = bytearray(len(self._starts))

    def read(self) -> tuple[Unit, ...]:
        """Return all units, those of unclaimed lines included."""
        units = [unit for tokens, quoted in _groups(_parse(self._text)) for unit in self._units(tokens, quoted)]
        units += self._leftovers()
        return tuple(sorted(units, key=lambda unit: unit.start))

    def _units(self, tokens: Sequence[Token], quoted: bool) -> Iterator[Unit]:
        """Yield the unit of one block's tokens, if there is anything to read in it."""
        first, last = tokens[0].map or (0, 0)
        self._claimed[first:last] = b"\1" * (last - first)
        match tokens[0].type:
            case "heading_open":
                yield from self._heading(tokens, first, last, quoted)
            case "bullet_list_open" | "ordered_list_open":
                yield from self._list(tokens)
            case "table_open":
                yield from self._table(tokens, first, last)
            case "fence":
                yield from self._fence(tokens[0], first, last)
            case "hr":
                pass
            case _:
                yield from self._paragraph(first, last)

    def _span(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of the lines from ``first`` to before ``last``, without outer space."""
        start = self._starts[first]
        end = self._starts[last] if last < len(self._starts) else len(self._text)
        chunk = self._text[start:end]
        return end - len(chunk.lstrip()), start + len(chunk.rstrip())

    def _unmarked(self, start: int, end: int) -> str:
        """Return the text with quote marks as spaces, so that offsets stay."""
        return _QUOTE_MARKS.sub(lambda marks: " " * len(marks.group()), self._text[start:end])

    def _paragraph(self, first: int, last: int) -> Iterator[Unit]:
        """Yield running text as one paragraph."""
        start, end = self._span(first, last)
        pieces: tuple[Piece, ...] = tuple(
            (start + left, start + right, "prose") for left, right in sentences.split(self._unmarked(start, end))
        )
        if pieces:
            yield Unit(form="paragraph", start=start, end=end, pieces=pieces)

    def _heading(self, tokens: Sequence[Token], first: int, last: int, quoted: bool) -> Iterator[Unit]:
        """Yield a heading, or a paragraph where it is too long to be one."""
        content = tokens[1].content
        if len(content) > LONGEST_HEADING or "\n" in content:
            yield from self._paragraph(first, last - (tokens[0].markup in {"=", "-"}))
            return
        words, anchor = _split_anchor(content)
        start, end = self._span(first, last)
        at = self._text.find(words, start, end)
        pieces: tuple[Piece, ...] = ((at, at + len(words), "heading"),) if words and at >= 0 else ()
        level = 0 if quoted else int(tokens[0].tag[1:])
        if words or anchor is not None:
            yield Unit(form="heading", start=start, end=end, pieces=pieces, level=level, heading=words, anchor=anchor)

    def _list(self, tokens: Sequence[Token]) -> Iterator[Unit]:
        """Yield a list with one piece per item of its first level."""
        pieces: list[Piece] = []
        for token in tokens:
            if token.type == "list_item_open" and token.level == tokens[0].level + 1 and token.map:
                start, end = self._span(*token.map)
                mark = _ITEM_MARK.match(self._text, start, end)
                begin = mark.end() if mark else start
                begin += len(self._text[begin:end]) - len(self._text[begin:end].lstrip())
                if begin < end:
                    pieces.append((begin, end, "item"))
        if pieces:
            first, last = tokens[0].map or (0, 0)
            start, end = self._span(first, last)
            yield Unit(form="list", start=start, end=end, pieces=tuple(pieces))

    def _table(self, tokens: Sequence[Token], first: int, last: int) -> Iterator[Unit]:
        """Yield a table with one piece per row below its head; a head alone is a paragraph."""
        rows = [token.map[0] for token in tokens if token.type == "tr_open" and token.map]
        spans = [self._row(row) for row in rows if row > first + 1]
        pieces: tuple[Piece, ...] = tuple((start, end, "row") for start, end in spans if start < end)
        if pieces:
            start, end = self._span(first, last)
            yield Unit(form="table", start=start, end=end, pieces=pieces)
        else:
            yield from self._paragraph(first, first + 1)

    def _row(self, line: int) -> tuple[int, int]:
        """Return the span of a table row without quote marks, outer pipes and white space."""
        start, end = self._span(line, line + 1)
        row = self._unmarked(start, end)
        inner = row.strip()
        inner = inner.removesuffix("|") if not inner.endswith("\\|") else inner
        inner = inner.removeprefix("|").strip()
        if not inner.strip("| \t"):
            return start, start
        start += row.index(inner)
        return start, start + len(inner)

    def _fence(self, token: Token, first: int, last: int) -> Iterator[Unit]:
        """Yield the lines of fenced code as a paragraph with one piece per line."""
        closing = self._unmarked(*self._span(last - 1, last)).strip()
        is_closed = last - 1 > first and len(closing) >= len(token.markup) and not closing.strip(token.markup)
        pieces: list[Piece] = []
        for line in range(first + 1, last - is_closed):
            start, end = self._span(line, line + 1)
            code = self._unmarked(start, end)
            pieces += [(start + left, start + right, "prose") for left, right in sentences.cut(code, 0, len(code))]
        if pieces:
            yield Unit(form="paragraph", start=pieces[0][0], end=pieces[-1][1], pieces=tuple(pieces))

    def _leftovers(self) -> Iterator[Unit]:
        """Yield the lines with words that no token has claimed, neighbours together."""
        first: int | None = None
        for line in range(len(self._starts) + 1):
            is_lost = line < len(self._starts) and not self._claimed[line] and self._has_word(line)
            if is_lost and first is None:
                first = line
            elif not is_lost and first is not None:
                yield from self._paragraph(first, line)
                first = None

    def _has_word(self, line: int) -> bool:
        """Return whether a line holds a letter or digit."""
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        return _WORD.search(self._text, self._starts[line], end) is not None


def _parse(text: str) -> list[Token]:
    """Return the block tokens of ``text``; inline markup is left alone, for quotes are literal."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable(["inline", "text_join"])
    return parser.parse(text.replace("\r", " "))


def _groups(tokens: Sequence[Token]) -> Iterator[tuple[Sequence[Token], bool]]:
    """Yield the tokens of each block outside others, and whether it stands in a block quote."""
    depth = position = 0
    while position < len(tokens):
        token, size = tokens[position], 1
        depth += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type in _CONTAINERS:
            size = _size(tokens, position)
        elif token.type == "heading_open":
            size = 2
        if token.type in _CONTAINERS | _LEAVES:
            yield tokens[position : position + size], depth > 0
        position += size


def _size(tokens: Sequence[Token], position: int) -> int:
    """Return how many tokens a list or table has, from its opening to its closing."""
    opening = tokens[position]
    closing = opening.type.replace("_open", "_close")
    size = 1
    while tokens[position + size].level != opening.level or tokens[position + size].type != closing:
        size += 1
    return size + 1


def _split_anchor(content: str) -> tuple[str, str | None]:
    """Return the words of a heading and the anchor it gives, if any."""
    at = content.rfind("{#")
    if at < 0 or not content.endswith("}"):
        return content, None
    return content[:at].rstrip(), content[at + 2 : -1]
