"""What the commands write: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.records.checking import Finding
    from assistant.types import Fault, Hit, Reply


class said_plainly:  # noqa: N801  a context manager that reads like one
    """Say an error of ours in one line and end with exit code 1; a closed pipe ends quietly."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        """Translate errors to exit codes."""
        if isinstance(error, AssistantError):
            typer.echo(f"assistant: {error}", err=True)
            raise typer.Exit(1) from error
        if isinstance(error, BrokenPipeError):
            sys.stderr.close()
            raise typer.Exit(1) from error


def print_json(data: dict[str, Any]) -> None:
    """Write one line of JSON."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(clean(text) + "\n")


def clean(text: str) -> str:
    """Return a text that can be written: half a surrogate pair, which JSON can give, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def print_hits(hits: tuple[Hit, ...], explain: bool) -> None:
    """Write the sections found, best first; with the signals behind each score if that is to be explained."""
    for rank, hit in enumerate(hits, start=1):
        typer.echo(f"{rank:2} {hit.score:.3f}  {hit.passage.section} [{hit.passage.language}]")
        typer.echo(f"   {hit.passage.heading or hit.passage.text[:100]}")
        if explain:
            typer.echo("   " + ", ".join(f"{name} {value:.3f}" for name, value in hit.signals.items()))


def print_reply(reply: Reply) -> None:
    """Write a reply as a person reads it, and what it quotes, or what is nearest."""
    from assistant.types import Answer

    typer.echo(reply.text)
    if isinstance(reply, Answer):
        typer.echo()
        for citation in reply.citations:
            source = citation.source
            where = f"{citation.passage.section} [{citation.passage.language}]"
            typer.echo(f"[{citation.mark}] {where}  {source.title} {source.url}".rstrip())
    elif reply.nearest:
        from assistant.answering.wording import wording

        typer.echo(f"\n{wording(reply.language)['nearest']['title']}")
        for hit in reply.nearest:
            typer.echo(f"- {hit.passage.heading or hit.passage.context[0]} ({hit.passage.section})")


def warn(faults: tuple[Fault, ...]) -> None:
    """Write the first faults of the documents to standard error."""
    for fault in faults[:20]:
        typer.echo(f"assistant: {fault}", err=True)
    if len(faults) > 20:
        typer.echo(f"assistant: and {len(faults) - 20} more; `assistant index --check` lists all", err=True)


def tell(findings: Sequence[Finding], as_json: bool) -> None:
    """Write what was found and end with exit code 1 if anything is not as it should be."""
    if as_json:
        print_json({"findings": [{"subject": f.subject, "ok": f.ok, "words": f.words} for f in findings]})
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.subject}: {finding.words}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


class progress_bar:  # noqa: N801  a context manager that reads like one
    """A progress bar on standard error, one line per stage; silent when nobody watches."""

    def __enter__(self) -> Callable[[str, int, int], None]:
        """Begin."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bars = Progress(
            TextColumn("{task.description:>20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(stderr=True), disable=not sys.stderr.isatty(),
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}
        self._bars.start()
        return self._advance

    def _advance(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        """End."""
        self._bars.stop()
