"""The text of HTML, PDF and DOCX files as Markdown; runs inside the sandbox's child process.

Each parser is imported where it is used: they are heavy, and a child needs only one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import DocumentError
from assistant.knowledge.cleaning import decode

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# pdfium writes U+0002 or U+FFFE where a line ends inside a word.
_HYPHENATION = re.compile(r"(?<=[^\W\d_])(?:[-\u00ad\u2010]\n|[\u00ad\u0002\ufffe]\n?)(?=[a-zа-яёәғқңөұүһі])")
_HEAD_RULE = re.compile(r"\|[ :|]*-[ :|-]*$")
_LINE_END = re.compile(r"\r\n?")
_HEADING_STYLE = re.compile(r"(?:Heading|Заголовок|Тақырып) ?([1-9])$", re.IGNORECASE)
_LIST_STYLE = re.compile(r"List|.*(?:[Сс]писок|[Сс]писка|[Тт]ізім)")
_SKIPPED_TAGS = {"script", "style", "noscript", "template", "svg", "head"}
_INLINE_TAGS = {
    "a",
    "abbr",
    "b",
    "bdi",
    "code",
    "em",
    "font",
    "i",
    "mark",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
}


def read_html(path: Path) -> str:
    """Return the main text of a web page; where none can be told apart, all of its text."""
    import trafilatura

    raw = path.read_bytes()
    text = trafilatura.extract(
        raw, output_format="markdown", include_tables=True, include_comments=False, favor_recall=True
    )
    return _with_heads(text) if text else strip_tags(decode(raw))


def _with_heads(markdown: str) -> str:
    """Return Markdown in which a table without a head has an empty one, so that it is a table."""
    lines = markdown.split("\n")
    mended: list[str] = []
    for number, line in enumerate(lines):
        begins = line.startswith("|") and not (number and lines[number - 1].startswith("|"))
        if begins and not _HEAD_RULE.match("".join(lines[number + 1 : number + 2])):
            columns = max(1, line.replace("\\|", "").count("|") - 1)
            mended += ["|" + "  |" * columns, "|" + " --- |" * columns]
        mended.append(line)
    return "\n".join(mended)


def strip_tags(html: str) -> str:
    """Return the text between the tags, one paragraph per block."""
    stripper = _Stripper()
    stripper.feed(html)
    stripper.close()
    paragraphs = (" ".join(part.split()) for part in "".join(stripper.parts).split("\n\n"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


class _Stripper(HTMLParser):
    """Collects the text of a page without scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, or something that nobody reads."""
        del attrs
        self._skipping += tag in _SKIPPED_TAGS
        self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        """End what began."""
        self._skipping -= tag in _SKIPPED_TAGS and self._skipping > 0
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        """Keep a stretch of text."""
        if not self._skipping:
            self.parts.append(re.sub(r"\n+", " ", data))

    def _separate(self, tag: str) -> None:
        """Keep blocks apart."""
        if tag not in _INLINE_TAGS:
            self.parts.append("\n\n")


def read_pdf(path: Path) -> str:
    """Return the text of a PDF file, pages apart by a blank line.

    Raises:
        DocumentError: If there is no text, as in a scan.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    text = "\n\n".join(_mend_page(page) for page in pages)
    if not text.strip():
        raise DocumentError("holds no text, perhaps only scanned pages; save it with text recognition")
    return text


def _mend_page(page: str) -> str:
    """Return a page without ligatures and without words broken at line ends."""
    lines = _LINE_END.sub("\n", page.translate(_LIGATURES))
    return _HYPHENATION.sub("", lines).strip()


def read_docx(path: Path) -> str:
    """Return the paragraphs, lists and tables of a DOCX file, in order."""
    import docx

    return "".join(_word_blocks(docx.Document(str(path)))).strip() + "\n"


def _word_blocks(document: WordDocument) -> Iterator[str]:
    """Yield the blocks with the white space that Markdown wants before them."""
    from docx.table import Table

    was_item = False
    # Asked of each paragraph, python-docx searches all styles: 20 s for 4,500 paragraphs.
    styles = {style.style_id: style.name or "" for style in document.styles}
    for block in document.iter_inner_content():
        text = _word_table(block) if isinstance(block, Table) else _word_paragraph(block, styles)
        if text:
            is_item = text.startswith("- ") and not isinstance(block, Table)
            yield ("\n" if is_item and was_item else "\n\n") + text
            was_item = is_item


def _word_paragraph(paragraph: Paragraph, styles: dict[str, str]) -> str:
    """Return a paragraph as Markdown, by the name of its style."""
    text, style = paragraph.text.strip(), styles.get(paragraph._p.style or "", "")
    heading = _HEADING_STYLE.match(style)
    if not text:
        return ""
    if heading or style in {"Title", "Название"}:
        depth = min(6, int(heading.group(1))) if heading else 1
        return f"{'#' * depth} {_one_line(text)}"
    return f"- {_one_line(text)}" if _LIST_STYLE.match(style) else text


def _word_table(table: Table) -> str:
    """Return a table with pipes; its first row is the head."""
    rows = [[_cell_text(cell) for cell in _cells(row.cells)] for row in table.rows]
    width = max((len(row) for row in rows), default=0)
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    return "\n".join([*lines[:1], "|" + " --- |" * width, *lines[1:]]) if width else ""


def _cells(cells: tuple[_Cell, ...]) -> Iterator[_Cell]:
    """Yield the cells of a row, merged ones once (they share their XML element)."""
    previous: _Cell | None = None
    for cell in cells:
        if previous is None or cell._tc is not previous._tc:
            yield cell
        previous = cell


def _cell_text(cell: _Cell) -> str:
    """Return the text of a cell in one line, tables inside it included."""
    from docx.table import Table

    parts = (
        " ".join(_cell_text(inner) for row in block.rows for inner in _cells(row.cells))
        if isinstance(block, Table)
        else block.text.replace("|", "\\|")
        for block in cell.iter_inner_content()
    )
    return _one_line(" ".join(parts))


def _one_line(text: str) -> str:
    """Return ``text`` with single spaces and no line ends."""
    return " ".join(text.split())


READERS: dict[str, Callable[[Path], str]] = {
    "html": read_html,
    "htm": read_html,
    "pdf": read_pdf,
    "docx": read_docx,
}
"""The reader of each format, by the ending of its files."""
