"""What a translator or reviewer still has to mend in the curated base, file by file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath

from assistant.knowledge import style, versions
from assistant.knowledge.blocks import line_of
from assistant.knowledge.glossary import Glossary, check_glossary, read_glossary
from assistant.knowledge.loading import CURATED_FOLDERS, KAZAKH_LETTERS, guess_language, load, read_text
from assistant.types import LANGUAGES, Document, Fault, Language, Passage

ENOUGH_LETTERS = 40
"""Letters a section needs before its language can be told."""

_LINK = re.compile(r"\]\(\s*<?([^()<>\s]{1,500})")
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>]{0,300})?/?>|<!--")
_IMAGE = re.compile(r"!\[")
_PLAIN_HTTP = re.compile(r"http://[^\s)>\]]{0,80}", re.IGNORECASE)
_OUTSIDE = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_REVIEW_BY = re.compile(r"^review_by:", re.MULTILINE)

Subject = Mapping[Language, Document]


def check(folder: Path, *, today: date) -> tuple[Fault, ...]:
    """Return every fault of the curated base, by path and line.

    Faults of loading are among them, those of the users' own files too.

    Args:
        folder: The knowledge base.
        today: The day by which ``review_by`` is judged.

    Raises:
        DocumentError: If there is no such folder.
    """
    return check_loaded(folder, *load(folder), today=today)


def check_loaded(
    folder: Path, documents: Sequence[Document], faults: Iterable[Fault], *, today: date
) -> tuple[Fault, ...]:
    """Return what ``check`` does, of a base whose documents are loaded already, with the faults of loading them."""
    glossary_file = read_glossary(folder)
    found = {*faults, *_unreviewed(documents), *check_glossary(glossary_file), *_repeated_headings(folder, documents)}
    glossary = glossary_file.value or Glossary()
    subjects = _subjects(documents)
    known = style.known_names(documents)
    for subject in subjects.values():
        found.update(_missing_versions(folder, subject))
        found.update(_unequal_sections(folder, subject))
        found.update(_unequal_figures(folder, subject))
        for document in subject.values():
            found.update(_check_document(folder, document, subjects, today))
            found.update(_check_style(folder, document, glossary, known))
    return tuple(sorted(found, key=lambda fault: (fault.path, fault.line, fault.message)))


def _subjects(documents: Iterable[Document]) -> dict[str, dict[Language, Document]]:
    """Return the curated documents by id and language."""
    subjects: dict[str, dict[Language, Document]] = {}
    for document in documents:
        if document.curated:
            subjects.setdefault(document.id, {})[document.language] = document
    return subjects


def _unreviewed(documents: Iterable[Document]) -> Iterator[Fault]:
    """Yield the files that lie among the curated ones without front matter."""
    for document in documents:
        is_among = PurePosixPath(document.path).parts[0] in CURATED_FOLDERS
        if is_among and not document.curated and document.path.endswith(".md"):
            message = "no front matter, so it counts as not reviewed; begin it with '---' and the fields"
            yield Fault(document.path, 1, message)


def _missing_versions(folder: Path, versions: Subject) -> Iterator[Fault]:
    """Yield the languages in which a subject has no file at all."""
    first = next(versions[language] for language in LANGUAGES if language in versions)
    for language in LANGUAGES:
        if language not in versions and not (folder / f"{first.id}.{language}.md").exists():
            yield Fault(
                first.path,
                1,
                f"no version in {language!r}; every subject has {', '.join(LANGUAGES)}; write {first.id}.{language}.md",
            )


def _unequal_sections(folder: Path, versions: Subject) -> Iterator[Fault]:
    """Yield the sections that another version lacks, and the first one out of order."""
    present = [versions[language] for language in LANGUAGES if language in versions]
    for document in present:
        line = _lines(folder, document)
        for other in present:
            theirs = [passage.anchor for passage in other.passages]
            for passage in document.passages:
                if passage.anchor not in theirs:
                    yield Fault(
                        document.path,
                        line(_heading_offset(document, passage)),
                        f"section {passage.anchor!r} is missing in {other.path}; versions have the same "
                        "sections; translate it there",
                    )
        yield from _out_of_order(document, present[0], line)


def _out_of_order(document: Document, model: Document, line: Callable[[int], int]) -> Iterator[Fault]:
    """Yield the first section of ``document`` that stands elsewhere in ``model``."""
    wanted = [passage.anchor for passage in model.passages]
    known = set(wanted)
    ours = {passage.anchor for passage in document.passages}
    shared = [passage for passage in document.passages if passage.anchor in known]
    for passage, anchor in zip(shared, (anchor for anchor in wanted if anchor in ours), strict=False):
        if passage.anchor != anchor:
            yield Fault(
                document.path,
                line(_heading_offset(document, passage)),
                f"section {passage.anchor!r} stands where {model.path} has {anchor!r}; "
                "versions have the same order; move it",
            )
            return


def _unequal_figures(folder: Path, subject: Subject) -> Iterator[Fault]:
    """Yield the sections whose figures, dates or links differ between versions."""
    model, *others = [subject[language] for language in LANGUAGES if language in subject]
    sections = {passage.anchor: passage for passage in model.passages}
    for document in others:
        line = _lines(folder, document)
        for passage in document.passages:
            if passage.anchor in sections:
                for message in versions.differences(sections[passage.anchor], passage):
                    yield Fault(document.path, line(_heading_offset(document, passage)), message)


def _check_style(folder: Path, document: Document, glossary: Glossary, known: frozenset[str]) -> Iterator[Fault]:
    """Yield the sections that are too short or too long, name persons, or use terms that are to be avoided."""
    line = _lines(folder, document)
    forms = style.avoided(glossary, document.language)
    for passage in document.passages:
        for message in (*style.of_section(document, passage, known), *style.of_terms(passage, forms)):
            yield Fault(document.path, line(_heading_offset(document, passage)), message)


def _repeated_headings(folder: Path, documents: Iterable[Document]) -> Iterator[Fault]:
    """Yield the sections whose heading stands elsewhere, too."""
    for document, passage, message in style.repeated_headings(d for d in documents if d.curated):
        yield Fault(document.path, _lines(folder, document)(_heading_offset(document, passage)), message)


def _check_document(folder: Path, document: Document, subjects: Mapping[str, Subject], today: date) -> Iterator[Fault]:
    """Yield what is wrong with one version by itself, and its dead links."""
    line = _lines(folder, document)
    if document.source.review_by is not None and document.source.is_stale(today):
        yield Fault(
            document.path,
            _review_line(folder, document),
            f"review_by {document.source.review_by} has passed; check the text against its source, "
            "then set reviewed_on and review_by",
        )
    for offset, message in (*_unwanted(document.text), *_dead_links(document, subjects)):
        yield Fault(document.path, line(offset), message)
    for passage in document.passages:
        if _is_foreign(f"{passage.heading}\n{passage.text}", document.language):
            yield Fault(
                document.path,
                line(passage.start),
                f"section {passage.anchor!r} is not in {document.language!r} as the file's name says; translate it",
            )


def _unwanted(text: str) -> Iterator[tuple[int, str]]:
    """Yield HTML, images and unsafe addresses with their offsets."""
    for found in _HTML.finditer(text):
        yield found.start(), f"{found.group()[:40]!r} is HTML; a document is plain Markdown; remove it"
    for found in _IMAGE.finditer(text):
        yield found.start(), "image; an answer quotes only text; say it in words"
    for found in _PLAIN_HTTP.finditer(text):
        yield found.start(), f"{found.group()!r} is not safe; addresses begin with https://; correct it"


def _dead_links(document: Document, subjects: Mapping[str, Subject]) -> Iterator[tuple[int, str]]:
    """Yield the links that lead to no document or section, with their offsets."""
    for found in _LINK.finditer(document.text):
        target = found.group(1)
        if _OUTSIDE.match(target):
            continue
        path, _, anchor = target.partition("#")
        versions = subjects.get(path or document.id)
        if versions is None:
            yield (
                found.start(1),
                (f"link to {target!r}: no document {path!r}; write its path in the base without language and ending"),
            )
        elif anchor and not any(anchor == passage.anchor for other in versions.values() for passage in other.passages):
            yield found.start(1), f"link to {target!r}: no section {anchor!r} there; correct the anchor"


def _is_foreign(text: str, language: Language) -> bool:
    """Return whether a text is surely not in ``language``.

    A Kazakh text may be full of English names, so one Kazakh letter is enough there.
    """
    letters = [letter for letter in text.lower() if letter.isalpha()]
    if len(letters) < ENOUGH_LETTERS:
        return False
    if language == "kk":
        return KAZAKH_LETTERS.isdisjoint(letters)
    return guess_language(text) != language


def _heading_offset(document: Document, passage: Passage) -> int:
    """Return an offset in the line of the passage's heading."""
    return max(0, len(document.text[: passage.start].rstrip()) - 1)


def _lines(folder: Path, document: Document) -> Callable[[int], int]:
    """Return what tells the line in the file of an offset in the document's text."""
    head = read_text(folder / document.path).removesuffix(document.text)
    above = head.count("\n")
    return lambda offset: above + line_of(document.text, offset)


def _review_line(folder: Path, document: Document) -> int:
    """Return the line of the file that gives ``review_by``."""
    text = read_text(folder / document.path)
    found = _REVIEW_BY.search(text)
    return line_of(text, found.start()) if found else 1
