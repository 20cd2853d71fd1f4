"""A folder of all sorts of files becomes documents; what is wrong costs only itself."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from assistant.errors import DocumentError
from assistant.knowledge import extracting, sandbox
from assistant.knowledge.loading import guess_language, load
from assistant.types import Confidence, Document, Kind

CURATED = """---
title: Who may join
kind: regulation
institution: Semey Medical University
source_title: Three cases
source_url: https://doi.org/10.32523/1
source_date: 2025
reviewed_on: 2026-11-22
review_by: 2027-08-31
confidence: research
asked_as:
  gpa:
    - minimum GPA
---

## What GPA do I need? {#gpa}

The competition asks for a GPA of at least 2.67.
"""
Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a file into the base."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def pdf(*lines: str) -> bytes:
    """Return a one-page PDF file with these ASCII lines."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 72 700 Td {shown} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(body),
    )


def only(folder: Path) -> Document:
    """Return the one document of a base without faults."""
    documents, faults = load(folder)
    assert faults == ()
    (document,) = documents
    return document


def quotes(document: Document) -> list[tuple[str, str]]:
    """Return everything that can be quoted, with its form."""
    return [(passage.quote(one), one.form) for passage in document.passages for one in passage.sentences]


def test_a_curated_file_is_read_whole(tmp_path: Path, write: Write) -> None:
    """Id, language, kind, source and the ways of asking come from name and front matter."""
    write("regulations/semey.en.md", CURATED)
    document = only(tmp_path)
    assert (document.id, document.language, document.kind) == ("regulations/semey", "en", Kind.REGULATION)
    assert (document.path, document.curated) == ("regulations/semey.en.md", True)
    assert document.source.confidence is Confidence.RESEARCH
    (passage,) = document.passages
    assert (passage.section, passage.asked_as) == ("regulations/semey#gpa", ("minimum GPA",))
    assert document.text[passage.start :].startswith(passage.text)


def test_a_plain_file_is_the_users_own(tmp_path: Path, write: Write) -> None:
    """It is not reviewed, its language is guessed, and a foreign head is dropped."""
    write("notes/p1.md", "---\nlayout: post\n---\n# Виза\n\nПодайте документы заранее.")
    document = only(tmp_path)
    assert (document.id, document.language, document.kind) == ("notes/p1", "ru", Kind.OTHER)
    assert (document.title, document.source.title, document.curated) == ("Виза", "p1.md", False)
    assert document.source.confidence is Confidence.NOT_REVIEWED
    assert quotes(document) == [("Подайте документы заранее.", "prose")]


def test_a_name_can_tell_the_language(tmp_path: Path, write: Write) -> None:
    """The language in a name is not part of the id."""
    write("notes/p1.kk.txt", "ENIC-NARIC")
    document = only(tmp_path)
    assert (document.id, document.language) == ("notes/p1", "kk")


def test_a_given_guess_is_asked(tmp_path: Path, write: Write) -> None:
    """The caller may bring another way of telling languages."""
    write("a.txt", "Words.")
    (document,), _ = load(tmp_path, guess_language=lambda text: "ru")
    assert document.language == "ru"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Apply early.", "en"),
        ("Университет Әл-Фараби принимает документы студентов в мае.", "ru"),
        ("Құжаттарды мамырда тапсыру керек.", "kk"),
        ("", "en"),
    ],
)
def test_languages_are_guessed(text: str, language: str) -> None:
    """Cyrillic is Russian or Kazakh by its letters; anything else is English."""
    assert guess_language(text) == language


def test_other_files_are_left_out(tmp_path: Path, write: Write) -> None:
    """Hidden files, READMEs, licences, YAML and unknown endings are no documents."""
    for name in (
        "README.md",
        "notes/README.ru.md",
        "LICENSE",
        "LICENSE.txt",
        "x.yaml",
        ".a.md",
        ".git/b.md",
        "a.png",
    ):
        write(name, "Words.")
    assert load(tmp_path) == ((), ())


def test_the_same_id_twice_is_a_fault(tmp_path: Path, write: Write) -> None:
    """Both files are named and the first is kept."""
    write("notes/p1.md", "First.")
    write("notes/p1.txt", "Second.")
    (document,), (fault,) = load(tmp_path)
    assert document.path == "notes/p1.md"
    assert "notes/p1.md" in fault.message
    assert fault.path == "notes/p1.txt"


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("empty.md", " \n", "empty"),
        ("only.md", "***\n", "no text to quote"),
        ("broken.pdf", b"%PDF-1.4 nothing", "cannot be read"),
        ("broken.docx", b"PK nothing", "damaged"),
        ("regulations/a.md", CURATED, "does not tell its language"),
        ("regulations/a.en.md", CURATED.replace("kind: regulation", "kind: rule"), "not known"),
        ("regulations/a.en.md", CURATED.replace("  gpa:", "  gap:"), "asked_as 'gap'"),
        ("regulations/a.en.md", "---\ntitle: a\n", "no front matter"),
        ("own/a.en.md", "---\nkind: note\n---\nText", "missing"),
    ],
)
def test_a_fault_does_not_stop_the_rest(
    tmp_path: Path, write: Write, name: str, content: str | bytes, hint: str
) -> None:
    """A wrong file is told by name and reason, and the next file is read."""
    write(name, content)
    write("zz.txt", "Words.")
    documents, faults = load(tmp_path)
    assert any(fault.path == name and hint in fault.message for fault in faults)
    assert documents[-1].id == "zz"


def test_broken_bytes_are_read_around(tmp_path: Path, write: Write) -> None:
    """Wrong UTF-8 costs letters, not the file."""
    write("a.txt", b"Good \xff words. More.")
    assert quotes(only(tmp_path))[1] == ("More.", "prose")


def test_front_matter_faults_have_lines_of_the_file(tmp_path: Path, write: Write) -> None:
    """Lines count from the first line of the file, in the head and in the body."""
    write("regulations/a.en.md", CURATED + "\n## No anchor\n\nText.\n")
    _, (fault,) = load(tmp_path)
    assert (fault.line, "no anchor" in fault.message) == (20, True)


def test_links_out_of_the_folder_are_refused(tmp_path: Path, write: Write) -> None:
    """A link may name a file of the base, never one outside, and never nothing."""
    base = tmp_path / "base"
    secret = write("secret.md", "Secret.")
    inside = write("base/a.md", "Words.")
    os.symlink(secret, base / "out.md")
    os.symlink(tmp_path, base / "up")
    os.symlink(base / "none", base / "dead.md")
    os.symlink(inside, base / "in.md")
    documents, faults = load(base)
    assert [document.id for document in documents] == ["a", "in"]
    assert [fault.path for fault in faults] == ["dead.md", "out.md", "up"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """The folder itself must be there."""
    with pytest.raises(DocumentError, match="not a folder"):
        load(tmp_path / "none")


def test_progress_is_told(tmp_path: Path, write: Write) -> None:
    """Every file is announced with its number and the number of files."""
    write("a.txt", "A.")
    write("b/c.txt", "C.")
    seen: list[tuple[int, int, str]] = []
    load(tmp_path, progress=lambda *told: seen.append(told))
    assert seen == [(1, 2, "a.txt"), (2, 2, "b/c.txt")]


def test_a_pdf_is_read(tmp_path: Path, write: Write) -> None:
    """Lines of a page are one text, and words broken at line ends are whole again."""
    write("a.pdf", pdf("The mobi-", "lity office is open. It", "is in room 5."))
    assert quotes(only(tmp_path)) == [
        ("The mobility office is open.", "prose"),
        ("It\nis in room 5.", "prose"),
    ]


def test_a_pdf_without_text_is_a_fault(tmp_path: Path, write: Write) -> None:
    """A scan is told as one."""
    write("scan.pdf", pdf(""))
    documents, (fault,) = load(tmp_path)
    assert documents == ()
    assert "scan.pdf" in fault.message
    assert "no text" in fault.message


def test_a_docx_is_read(tmp_path: Path) -> None:
    """Headings, paragraphs, lists and tables of a Cyrillic file keep their form and order."""
    word = docx.Document()
    word.add_heading("Құжаттар", 0)
    word.add_paragraph("Өтінім беріңіз.")
    word.add_paragraph("төлқұжат", style="List Bullet")
    word.add_paragraph("транскрипт", style="List Bullet")
    word.add_heading("Баға", 1)
    table = word.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("Баға", "Балл"), ("A|B", "4,0"), ("C", "2,0")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    word.save(str(tmp_path / "a.docx"))
    document = only(tmp_path)
    assert (document.title, document.language) == ("Құжаттар", "kk")
    assert quotes(document) == [
        ("Өтінім беріңіз.", "prose"),
        ("төлқұжат", "item"),
        ("транскрипт", "item"),
        ("Баға", "heading"),
        ("A\\|B | 4,0", "row"),
        ("C | 2,0", "row"),
    ]


def test_a_web_page_is_read(tmp_path: Path, write: Write) -> None:
    """Menus and scripts are gone; headings, items and table rows are there, in cp1251 too."""
    page = (
        "<html><head><meta charset='windows-1251'><title>Сайт</title><script>var x=1</script></head><body>"
        "<nav><a href='/'>Меню</a></nav><article><h1>Стипендия</h1><p>Стипендия выплачивается каждый месяц всем "
        "студентам программы обмена.</p><ul><li>паспорт</li><li>виза</li></ul><table><tr><th>Страна</th><th>Евро</th>"
        "</tr><tr><td>Польша</td><td>900</td></tr></table></article></body></html>"
    )
    write("a.html", page.encode("cp1251"))
    found = quotes(only(tmp_path))
    assert ("паспорт", "item") in found
    assert ("Польша | 900", "row") in found
    assert any(text.startswith("Стипендия выплачивается") for text, _ in found)
    assert not any("var x" in text for text, _ in found)


def test_a_table_without_a_head_keeps_its_first_row(tmp_path: Path, write: Write) -> None:
    """A web page's table of plain cells loses no row to the head that Markdown demands."""
    row = "<tr><td>Польша, стипендия в месяц</td><td>900 евро на человека</td></tr>"
    write("a.html", f"<article><p>Стипендия по странам программы обмена.</p><table>{row}{row}</table></article>")
    rows = [text for text, form in quotes(only(tmp_path)) if form == "row"]
    assert rows == ["Польша, стипендия в месяц | 900 евро на человека"] * 2


def test_tags_are_stripped_where_no_main_text_is_found() -> None:
    """The fallback keeps blocks apart, joins inline marks, and leaves out scripts."""
    html = "<head><title>t</title></head><div>One <b>bold</b> &amp; two</div><script>x()</script><p>Three"
    assert extracting.strip_tags(html) == "One bold & two\n\nThree"


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A DOCX file that unpacks a hundredfold is not opened."""
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 30_000_000)
    with pytest.raises(DocumentError, match="unpacks"):
        sandbox.extract(path)


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    """A DOCX file with thousands of parts is not opened."""
    path = tmp_path / "many.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(sandbox.MOST_ENTRIES + 1):
            archive.writestr(str(number), b"")
    with pytest.raises(DocumentError, match="parts"):
        sandbox.extract(path)


@pytest.mark.parametrize("name", ["big.pdf", "big.txt"])
def test_too_large_a_file_is_refused(tmp_path: Path, name: str) -> None:
    """Files over 20 MB are told so and not read."""
    with (tmp_path / name).open("wb") as file:
        file.truncate(sandbox.LARGEST_FILE_BYTES + 1)
    documents, (fault,) = load(tmp_path)
    assert documents == ()
    assert "20 MB" in fault.message


def test_the_child_is_stopped_in_time(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that takes too long becomes a fault."""
    write("slow.pdf", pdf("Words."))
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.001)
    _, (fault,) = load(tmp_path)
    assert "to read; save it in a simpler form" in fault.message
