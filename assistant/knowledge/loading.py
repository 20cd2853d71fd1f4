"""A folder of files to documents: the curated ones, and whatever else the user put there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from assistant.errors import DocumentError
from assistant.knowledge import front_matter, sandbox
from assistant.knowledge.cleaning import clean, decode
from assistant.knowledge.lined_yaml import top_level_keys
from assistant.knowledge.markdown import Reading, read_curated, read_plain
from assistant.types import LANGUAGES, Document, Fault, Kind, Language, Source

CURATED_FOLDERS = frozenset({"regulations", "host_guides", "adaptation", "research", "return", "lessons"})
TEXT_ENDINGS = frozenset({".md", ".markdown", ".txt"})
PARSED_ENDINGS = frozenset({".html", ".htm", ".pdf", ".docx"})

KAZAKH_LETTERS = frozenset("әғқңөұүһі")
KAZAKH_SHARE = 0.04
"""Share of Kazakh letters among the Cyrillic ones that tells Kazakh.

Kazakh prose has about a fifth; Russian prose has them only in Kazakh names.
"""

Progress = Callable[[int, int, str], None]
"""Called before each file with its number from 1, the number of files, and its path."""
GuessLanguage = Callable[[str], Language]


def guess_language(text: str) -> Language:
    """Return English unless most letters are Cyrillic, then Kazakh or Russian by their letters."""
    letters = [letter for letter in text.lower() if letter.isalpha()]
    cyrillic = [letter for letter in letters if "\u0400" <= letter <= "\u04ff"]
    if 2 * len(cyrillic) <= len(letters):
        return "en"
    kazakh = sum(letter in KAZAKH_LETTERS for letter in cyrillic)
    return "kk" if kazakh > KAZAKH_SHARE * len(cyrillic) else "ru"


def load(
    folder: Path, *, progress: Progress | None = None, guess_language: GuessLanguage = guess_language
) -> tuple[tuple[Document, ...], tuple[Fault, ...]]:
    """Return the documents of a folder in the order of their paths, and what could not be read.

    A file that is wrong costs only itself. Links that lead out of the folder are not followed.

    Args:
        folder: The knowledge base.
        progress: Told of every file before it is read.
        guess_language: Tells the language of files whose names do not.

    Raises:
        DocumentError: If there is no such folder.
    """
    if not folder.is_dir():
        raise DocumentError(f"{str(folder)!r} is not a folder; give the folder of the knowledge base")
    paths, faults = _files(folder)
    documents: dict[tuple[str, Language], Document] = {}
    for number, path in enumerate(paths, start=1):
        if progress is not None:
            progress(number, len(paths), _shown(path))
        document, wrong = _read(folder, path, guess_language)
        faults += wrong
        if document is None:
            continue
        first = documents.setdefault((document.id, document.language), document)
        if first is not document:
            faults.append(Fault(document.path, 1, _twice(document, first)))
    return tuple(documents.values()), tuple(faults)


def _twice(document: Document, first: Document) -> str:
    """Return the message for a second file with the same id and language."""
    return (
        f"{document.path!r} and {first.path!r} are both {document.id!r} in {document.language!r}; "
        "an id stands for one file per language; rename or remove one (the first is used)"
    )


def _files(folder: Path) -> tuple[list[PurePosixPath], list[Fault]]:
    """Return the relative paths of the files to read, sorted, and the links that are refused."""
    root = folder.resolve()
    paths: list[PurePosixPath] = []
    faults: list[Fault] = []
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            if _is_left_out(relative, is_folder=name in folders):
                continue
            if path.is_symlink() and not (path.exists() and path.resolve().is_relative_to(root)):
                faults.append(Fault(_shown(relative), 1, "link that leads nowhere or out of the folder; copy the file"))
            elif path.is_file():
                paths.append(relative)
        folders[:] = [name for name in folders if not name.startswith(".")]
    return sorted(paths, key=str), sorted(faults, key=str)


def _is_left_out(path: PurePosixPath, *, is_folder: bool) -> bool:
    """Return whether a file is none of ours: hidden, about the folder, or of another form."""
    if path.name.startswith("."):
        return True
    is_about_folder = path.name.split(".")[0].upper() in {"README", "LICENSE"}
    return not is_folder and (is_about_folder or path.suffix.lower() not in TEXT_ENDINGS | PARSED_ENDINGS)


def _read(folder: Path, path: PurePosixPath, guess: GuessLanguage) -> tuple[Document | None, list[Fault]]:
    """Return the document in one file, if it can be read, and its faults."""
    shown = _shown(path)
    try:
        text = read_text(folder / path)
    except (DocumentError, OSError) as error:
        return None, [Fault(shown, 1, str(error))]
    if not text.strip():
        return None, [Fault(shown, 1, f"{path.name!r} is empty; a document needs text; write it or remove the file")]
    if is_curated(path, text):
        return _curated(path, text)
    return _plain(path, text, guess)


def read_text(file: Path) -> str:
    """Return the clean text of a file of any of the known forms.

    Raises:
        DocumentError: If it is too large or cannot be parsed.
        OSError: If it cannot be opened.
    """
    if file.suffix.lower() in PARSED_ENDINGS:
        return clean(sandbox.extract(file))
    sandbox.check_size(file)
    return decode(file.read_bytes())


def is_curated(path: PurePosixPath, text: str) -> bool:
    """Return whether a file's front matter is meant for us."""
    raw, _, _ = front_matter.split_off(text)
    if path.suffix.lower() != ".md" or text.partition("\n")[0].rstrip() != "---":
        return False
    return path.parts[0] in CURATED_FOLDERS or "kind" in top_level_keys(raw or "")


def _curated(path: PurePosixPath, text: str) -> tuple[Document | None, list[Fault]]:
    """Return a reviewed document, unless its front matter or name is wrong, and its faults."""
    shown = _shown(path)
    name, language = split_language(path)
    parsed = front_matter.parse(text, path=shown)
    faults = list(parsed.faults)
    if language is None:
        wanted = ", ".join(f"{path.stem}.{known}.md" for known in LANGUAGES)
        faults.insert(0, Fault(shown, 1, f"{path.name!r} does not tell its language; name it one of {wanted}"))
    if parsed.matter is None or language is None:
        return None, faults
    matter = parsed.matter
    reading = read_curated(parsed.body, document=name, language=language, title=matter.title, asked_as=matter.asked_as)
    faults += [Fault(shown, line + parsed.body_line - 1, message) for line, message in reading.faults]
    faults += _unanswered(shown, parsed, reading)
    if not reading.passages:
        return None, [*faults, Fault(shown, parsed.body_line, _NO_SECTION)]
    return Document(
        id=name,
        language=language,
        kind=matter.kind,
        title=matter.title,
        source=matter.source(),
        text=parsed.body,
        passages=reading.passages,
        path=shown,
        curated=True,
    ), faults


_NO_SECTION = "no section; a document is made of '## Question? {#anchor}' lines with text below; write one"


def _unanswered(path: str, parsed: front_matter.Parsed, reading: Reading) -> Iterator[Fault]:
    """Yield the anchors under ``asked_as`` that no section has."""
    known = {passage.anchor for passage in reading.passages}
    for anchor in parsed.matter.asked_as if parsed.matter else ():
        if anchor not in known:
            line = parsed.lines.get(("asked_as", anchor), 1)
            message = f"asked_as {anchor!r} is no section here; the sections are {', '.join(sorted(known))}; correct it"
            yield Fault(path, line, message)


def _plain(path: PurePosixPath, text: str, guess: GuessLanguage) -> tuple[Document | None, list[Fault]]:
    """Return a user's own document, unless there is nothing to quote in it."""
    shown = _shown(path)
    text = _without_foreign_head(path, text)
    name, told = split_language(path)
    language = told or guess(text)
    reading = read_plain(text, document=name, language=language, title=clean(path.name))
    if not reading.passages:
        return None, [Fault(shown, 1, f"{path.name!r} holds no text to quote; write some or remove the file")]
    return Document(
        id=name,
        language=language,
        kind=Kind.OTHER,
        title=reading.title,
        source=Source(title=clean(path.name)),
        text=text,
        passages=reading.passages,
        path=shown,
        curated=False,
    ), []


def _without_foreign_head(path: PurePosixPath, text: str) -> str:
    """Return the text without front matter that some other program wrote."""
    raw, body, _ = front_matter.split_off(text)
    is_markdown = path.suffix.lower() in {".md", ".markdown"}
    return body if is_markdown and raw is not None and top_level_keys(raw) else text


def split_language(path: PurePosixPath) -> tuple[str, Language | None]:
    """Return the id that a path stands for and the language that its name tells, if any."""
    stem = path.with_suffix("")
    for language in LANGUAGES:
        if stem.suffix == f".{language}":
            return _shown(stem.with_suffix("")), language
    return _shown(stem), None


def _shown(path: PurePosixPath) -> str:
    """Return a path as clean text; file names may hold anything."""
    return clean(str(path))
