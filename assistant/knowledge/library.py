"""What must not be lost, in one SQLite file: documents, their versions, and every vector ever computed.

A generation of the index lists the document versions it was made from, in order; the passages' rows in that
order are the rows of the lexical index and of the vectors. Settings of the connection follow what survived
repeated ``kill -9``: WAL, ``synchronous=FULL``, ``BEGIN IMMEDIATE``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from assistant.errors import IndexError_, LibraryDamaged
from assistant.types import (
    Block,
    Confidence,
    Document,
    Kind,
    Language,
    Passage,
    Sentence,
    Source,
)

_SCHEMA_VERSION = 1
_DAMAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
_SCHEMA = """
CREATE TABLE version (
    digest TEXT PRIMARY KEY, document TEXT NOT NULL, language TEXT NOT NULL, kind TEXT NOT NULL,
    country TEXT NOT NULL, programme TEXT NOT NULL, head TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE passage (
    version TEXT NOT NULL REFERENCES version ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    anchor TEXT NOT NULL, units INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (version, ordinal)
) WITHOUT ROWID;
CREATE TABLE generation (
    name TEXT PRIMARY KEY, embedder TEXT NOT NULL, built_at TEXT NOT NULL, complete INTEGER NOT NULL
);
CREATE TABLE member (
    generation TEXT NOT NULL REFERENCES generation ON DELETE CASCADE, position INTEGER NOT NULL,
    version TEXT NOT NULL REFERENCES version, PRIMARY KEY (generation, position)
) WITHOUT ROWID;
CREATE TABLE vector (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What a search must know of a passage before it is read: one row of the index.

    Attributes:
        version: Digest of the document version it belongs to.
        ordinal: Its place in that document.
        section: ``document#anchor``, equal in all languages.
        language: Language of the passage.
        kind: Kind of the document.
        country: Country code of the document, or empty.
        programme: Programme of the document, or empty.
        units: Number of embedded texts after the section itself: sentences and ways of asking.
    """

    version: str
    ordinal: int
    section: str
    language: Language
    kind: str
    country: str
    programme: str
    units: int


class Library:
    """The store of documents, generations and vectors in one SQLite file; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            IndexError_: If the file is damaged, of a later program, or cannot be opened or written.
        """
        self.path = path
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._migrate()
        except (sqlite3.Error, OSError) as error:
            damaged = getattr(error, "sqlite_errorname", "") in _DAMAGE
            raise (LibraryDamaged if damaged else IndexError_)(
                f"cannot use the library {str(path)!r}: {error}; run `assistant index` to make it again, or check "
                "that the folder is writable and the disk is not full"
            ) from error

    def _migrate(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA_VERSION:
            raise IndexError_(
                f"the library {str(self.path)!r} has schema {version}, this program knows {_SCHEMA_VERSION}; "
                "update the program, or choose another ASSISTANT_DATA_DIR"
            )
        if version == 0:
            with self.writing() as connection:
                if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in _SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        elif self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise LibraryDamaged(f"the library {str(self.path)!r} fails its integrity check; run `assistant index`")

    @property
    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, opened at first use."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            self._local.connection = connection
            for pragma in (
                "busy_timeout=10000",
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "secure_delete=ON",
            ):
                connection.execute(f"PRAGMA {pragma}")
        return cast(sqlite3.Connection, connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside one write transaction, rolled back when anything goes wrong."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself rolls back when the disk is full
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def select(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def stage(self, generation: str, embedder: str, documents: Sequence[Document], built_at: str) -> None:
        """Store the documents and list them as the generation's members, not yet complete."""
        with self.writing() as connection:
            connection.execute("DELETE FROM generation WHERE name=?", (generation,))
            connection.execute("INSERT INTO generation VALUES (?,?,?,0)", (generation, embedder, built_at))
            for position, document in enumerate(documents):
                digest = version_digest(document)
                _insert_version(connection, digest, document)
                connection.execute("INSERT INTO member VALUES (?,?,?)", (generation, position, digest))

    def complete(self, generation: str) -> None:
        """Mark a generation as verified and ready to serve; forget all others but the one before."""
        with self.writing() as connection:
            connection.execute("UPDATE generation SET complete=1 WHERE name=?", (generation,))
            connection.execute(
                "DELETE FROM generation WHERE name NOT IN "
                "(SELECT name FROM generation WHERE complete=1 ORDER BY rowid DESC LIMIT 2)"
            )
            connection.execute("DELETE FROM version WHERE digest NOT IN (SELECT version FROM member)")

    def generations(self) -> list[tuple[str, str]]:
        """Return name and embedder of the complete generations, newest first."""
        return self._connection.execute(
            "SELECT name, embedder FROM generation WHERE complete=1 ORDER BY rowid DESC"
        ).fetchall()

    def rows(self, generation: str) -> list[Row]:
        """Return the rows of a generation, in the order of its lexical index and vectors."""
        found = self._connection.execute(
            "SELECT v.digest, p.ordinal, v.document||'#'||p.anchor, v.language, v.kind, v.country,"
            " v.programme, p.units FROM member m JOIN version v ON v.digest=m.version"
            " JOIN passage p ON p.version=v.digest WHERE m.generation=? ORDER BY m.position, p.ordinal",
            (generation,),
        )
        return [Row(*each) for each in found]

    def passages(self, generation: str) -> Iterator[Passage]:
        """Yield the passages of a generation in the order of ``rows``."""
        found = self._connection.execute(
            "SELECT v.document, v.language, p.anchor, p.body, v.text FROM member m"
            " JOIN version v ON v.digest=m.version JOIN passage p ON p.version=v.digest"
            " WHERE m.generation=? ORDER BY m.position, p.ordinal",
            (generation,),
        )
        for document, language, anchor, body, text in found:
            yield _passage(document, language, anchor, body, text)

    def read(self, version: str, ordinal: int) -> tuple[Passage, Kind, Source]:
        """Return one passage with the kind and source of its document.

        Raises:
            IndexError_: If it is not there (the library was replaced while it was read).
        """
        found = self._connection.execute(
            "SELECT v.document, v.language, p.anchor, p.body, v.text, v.kind, v.head FROM passage p"
            " JOIN version v ON v.digest=p.version WHERE p.version=? AND p.ordinal=?",
            (version, ordinal),
        ).fetchone()
        if found is None:
            raise IndexError_(f"passage {ordinal} of version {version!r} is gone; open the index again")
        document, language, anchor, body, text, kind, head = found
        return _passage(document, language, anchor, body, text), Kind(kind), _source(json.loads(head))

    def document(self, generation: str, document: str, language: Language) -> Document | None:
        """Return a document of a generation in one language, or None."""
        found = self._connection.execute(
            "SELECT v.digest, v.kind, v.head, v.text FROM member m JOIN version v ON v.digest=m.version"
            " WHERE m.generation=? AND v.document=? AND v.language=?",
            (generation, document, language),
        ).fetchone()
        if found is None:
            return None
        digest, kind, head, text = found
        bodies = self._connection.execute(
            "SELECT anchor, body FROM passage WHERE version=? ORDER BY ordinal", (digest,)
        )
        passages = tuple(_passage(document, language, anchor, body, text) for anchor, body in bodies)
        fields = json.loads(head)
        return Document(
            id=document, language=language, kind=Kind(kind), title=fields["title"], text=text,
            source=_source(fields), passages=passages, path=fields["path"], curated=fields["curated"],
        )  # fmt: skip

    def sources(self, generation: str) -> list[tuple[str, Language, Kind, str, Source]]:
        """Return id, language, kind, title and source of every document of a generation, in order."""
        found = self._connection.execute(
            "SELECT v.document, v.language, v.kind, v.head FROM member m JOIN version v"
            " ON v.digest=m.version WHERE m.generation=? ORDER BY m.position",
            (generation,),
        )
        return [
            (document, language, Kind(kind), fields["title"], _source(fields))
            for document, language, kind, head in found
            for fields in [json.loads(head)]
        ]


def version_digest(document: Document) -> str:
    """Return the digest of a document's text, sections and source, which names this version."""
    content = json.dumps(_head(document) | {"bodies": [_body(p) for p in document.passages]}, sort_keys=True)
    identity = f"{document.id}\0{document.language}\0{document.kind}\0{content}\0{document.text}"
    return hashlib.blake2b(identity.encode(), digest_size=12).hexdigest()


def _insert_version(connection: sqlite3.Connection, digest: str, document: Document) -> None:
    known = connection.execute("SELECT 1 FROM version WHERE digest=?", (digest,)).fetchone()
    if known:
        return
    connection.execute(
        "INSERT INTO version VALUES (?,?,?,?,?,?,?,?)",
        (
            digest, document.id, document.language, document.kind.value, document.source.country,
            document.source.programme, json.dumps(_head(document), ensure_ascii=False), document.text,
        ),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO passage VALUES (?,?,?,?,?)",
        [
            (
                digest,
                i,
                p.anchor,
                len(p.sentences) + len(p.asked_as),
                json.dumps(_body(p), ensure_ascii=False),
            )
            for i, p in enumerate(document.passages)
        ],
    )


def _head(document: Document) -> dict[str, Any]:
    fields = asdict(document.source)
    days = {k: v.isoformat() if isinstance(v, date) else v for k, v in fields.items()}
    return {"title": document.title, "path": document.path, "curated": document.curated, "source": days}


def _source(head: dict[str, Any]) -> Source:
    fields = dict(head["source"])
    for name in ("reviewed_on", "review_by"):
        fields[name] = date.fromisoformat(fields[name]) if fields[name] else None
    return Source(**fields | {"aliases": tuple(fields["aliases"]), "confidence": Confidence(fields["confidence"])})


def _body(passage: Passage) -> list[Any]:
    """Return what is kept of a passage; its text is cut from the document's."""
    return [
        passage.heading, passage.context, passage.start, passage.start + len(passage.text),
        [[s.start, s.end, s.form, s.block] for s in passage.sentences],
        [[b.start, b.end, b.form] for b in passage.blocks], passage.asked_as,
    ]  # fmt: skip


def _passage(document: str, language: Language, anchor: str, body: str, text: str) -> Passage:
    heading, context, start, end, sentences, blocks, asked_as = json.loads(body)
    return Passage(
        document=document, anchor=anchor, language=language, heading=heading, context=tuple(context),
        start=start, text=text[start:end], sentences=tuple(Sentence(*s) for s in sentences),
        blocks=tuple(Block(*b) for b in blocks), asked_as=tuple(asked_as),
    )  # fmt: skip
