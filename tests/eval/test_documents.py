"""A set's texts as files that the assistant reads."""

from __future__ import annotations

from pathlib import Path

from eval.documents import document_id, write_documents

TEXTS = {document_id(0): ("Oaks", "Oaks are trees."), document_id(7): ("", "Дубы растут.\r\n")}


def test_a_title_becomes_a_heading(tmp_path: Path) -> None:
    """One file for each text, letter for letter, in a folder that is made if need be."""
    write_documents(TEXTS, tmp_path / "no" / "folder")
    assert {path.name: path.read_bytes() for path in (tmp_path / "no" / "folder").iterdir()} == {
        "p00000.md": b"# Oaks\n\nOaks are trees.", "p00007.md": "Дубы растут.\r\n".encode(),
    }  # fmt: skip


def test_texts_of_another_set_go_and_strangers_stay(tmp_path: Path) -> None:
    """Only what such a writing can have left behind is removed; what a person put there is not ours."""
    mine = [tmp_path / name for name in ("notes.md", "page.md", "p1.txt")]
    for path in (*mine, tmp_path / "p00009.md"):
        path.write_text("old", encoding="utf-8")
    write_documents(TEXTS, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"p00000.md", "p00007.md", "notes.md", "page.md", "p1.txt"}
    assert {path.read_text(encoding="utf-8") for path in mine} == {"old"}


def test_what_holds_the_right_text_is_not_written_again(tmp_path: Path) -> None:
    """To the index only the changed text looks new."""
    write_documents(TEXTS, tmp_path)
    same, changed = (tmp_path / f"{name}.md" for name in TEXTS)
    same.chmod(0o400)
    before = same.stat()
    write_documents(TEXTS | {document_id(7): ("", "Дубы стоят.")}, tmp_path)
    assert (same.stat().st_mtime_ns, same.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert changed.read_text(encoding="utf-8") == "Дубы стоят."
