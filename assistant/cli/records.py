"""The commands that look after the records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.options import Data, Json, app, settings_of
from assistant.cli.printing import said_plainly, tell


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; it must not be there yet.")],
    data_dir: Data = None,
) -> None:
    """Copy the records while they are in use, and verify the copy."""
    with said_plainly():
        settings = settings_of(data_dir=data_dir)
        from assistant.bootstrap import open_records
        from assistant.records.backup import backup as copied

        records = open_records(settings)
        try:
            typer.echo(f"copied to {copied(records, file)}")
        finally:
            records.close()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `assistant backup` made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the records; the present ones are kept aside.")
    ] = False,
    data_dir: Data = None,
) -> None:
    """Put a copy of the records in their place; what was erased since then stays erased. Stop the pages first."""
    with said_plainly():
        settings = settings_of(data_dir=data_dir)
        from assistant.bootstrap import records_url
        from assistant.records.backup import restore as put_back

        aside = put_back(records_url(settings), file, force=force)
        typer.echo(f"restored from {file}" + (f"; what was there is kept as {aside}" if aside else ""))


@app.command()
def check(as_json: Json = False, data_dir: Data = None) -> None:
    """Tell whether the records are whole: the file, its links, its schema, the audit trail."""
    with said_plainly():
        settings = settings_of(data_dir=data_dir)
        from assistant.bootstrap import records_url
        from assistant.records.checking import check as looked_at

        tell(looked_at(records_url(settings)), as_json)


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Gets one line of JSON for each question.")],
    data_dir: Data = None,
) -> None:
    """Write what mentors have reviewed as questions for `python -m eval import`, with personal data masked."""
    with said_plainly():
        settings = settings_of(data_dir=data_dir)
        from assistant.bootstrap import open_records
        from assistant.records.exporting import export as reviewed
        from assistant.records.exporting import write

        records = open_records(settings)
        try:
            questions = reviewed(records, "program")
        finally:
            records.close()
        write(questions, out)
        typer.echo(f"{len(questions)} questions written to {out}", err=True)
