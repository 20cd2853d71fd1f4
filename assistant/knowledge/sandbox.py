"""HTML, PDF and DOCX to Markdown, in a child process that cannot take the program down.

A small hostile file can ask for minutes and gigabytes (a 349 KB PDF took 43 s), so each file is
parsed by a fresh interpreter with limits: ``python -m assistant.knowledge.sandbox FORMAT PATH``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from assistant.errors import DocumentError
from assistant.knowledge import extracting

MEGABYTE = 2**20
LARGEST_FILE_BYTES = 20 * MEGABYTE
LARGEST_UNPACKED_BYTES = 100 * MEGABYTE
LARGEST_RATIO = 100
MOST_ENTRIES = 2_000
MEMORY_BYTES = 1024 * MEGABYTE
PROCESSOR_SECONDS = 20
WALL_SECONDS = 30
LONGEST_TEXT = 10_000_000
"""Longest text, in characters, that a file may yield."""

_REFUSED = 3
_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


def extract(path: Path) -> str:
    """Return the text of an HTML, PDF or DOCX file as Markdown, not yet cleaned.

    Raises:
        DocumentError: If the file is too large, damaged, protected, or takes too long.
    """
    form = path.suffix.lower().removeprefix(".")
    check_size(path)
    if form == "docx":
        check_archive(path)
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-P",
                "-X",
                "utf8",
                "-m",
                "assistant.knowledge.sandbox",
                form,
                str(path.resolve()),
            ],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _refusal(path, f"takes over {WALL_SECONDS} s to read; save it in a simpler form") from None
    if done.returncode:
        raise _refusal(path, _reason(done))
    return done.stdout.decode("utf-8", errors="replace")


def check_size(path: Path) -> None:
    """Refuse a file that is too large to read.

    Raises:
        DocumentError: If it has more than ``LARGEST_FILE_BYTES``.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        limit = LARGEST_FILE_BYTES // MEGABYTE
        raise _refusal(path, f"has {size} bytes; at most {limit} MB are read; split it or save it smaller")


def check_archive(path: Path) -> None:
    """Refuse a DOCX file that unpacks to much more than it is.

    Raises:
        DocumentError: If it is no ZIP archive, or has too many, too large or too dense entries.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise _refusal(path, "is damaged or no DOCX file; open it in a word processor and save it again") from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if len(entries) > MOST_ENTRIES:
        raise _refusal(path, f"holds {len(entries)} parts; at most {MOST_ENTRIES} are read; save it anew")
    if unpacked > LARGEST_UNPACKED_BYTES or unpacked > LARGEST_RATIO * packed:
        raise _refusal(
            path,
            f"unpacks from {packed} to {unpacked} bytes; at most {LARGEST_UNPACKED_BYTES // MEGABYTE} MB "
            f"and {LARGEST_RATIO} times its size are read; save it anew",
        )


def _environment() -> dict[str, str]:
    """Return what the child may know: where the package is, and no secret of the parent."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP") if name in os.environ}
    return {**kept, "PYTHONPATH": str(_PACKAGE_FOLDER), "HOME": os.devnull}


def _refusal(path: Path, reason: str) -> DocumentError:
    """Return the error that names the file and says why it is not read."""
    return DocumentError(f"{path.name!r} {reason}")


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return in plain words why the child failed."""
    if done.returncode == _REFUSED:
        return done.stderr.decode("utf-8", errors="replace").strip().rsplit("\n", 1)[-1]
    if done.returncode < 0:
        return f"takes over {PROCESSOR_SECONDS} s of processor time to read; save it in a simpler form"
    return "makes its reader crash; open it, save it again, or save it as plain text"


def _limit() -> None:
    """Bound this process's memory and processor time, where the system can."""
    if sys.platform == "win32":
        return
    import resource  # not there on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main(form: str, path: str) -> int:
    """Return the exit code after writing the file's Markdown, or the reason, to the streams."""
    _limit()
    try:
        text = extracting.READERS[form](Path(path))
        if len(text) > LONGEST_TEXT:
            raise DocumentError(f"yields {len(text)} characters; at most {LONGEST_TEXT} are read; split it")
    except DocumentError as error:
        reason = str(error)
    except MemoryError:
        reason = f"needs over {MEMORY_BYTES // MEGABYTE} MB of memory to read; save it in a simpler form"
    except Exception as error:
        reason = f"cannot be read ({type(error).__name__}); open it and save it again, or save it as plain text"
    else:
        sys.stdout.buffer.write(text.encode("utf-8", errors="replace"))
        return 0
    sys.stderr.write(f"\n{reason}\n")
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
