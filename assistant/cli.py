"""The command line. Nothing heavy is imported before a command runs, so that ``--help`` is instant."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer

from assistant.errors import AssistantError, QuestionError
from assistant.types import Language

if TYPE_CHECKING:
    from assistant.answering.assistant import Assistant
    from assistant.preparation.plan import Plan
    from assistant.preparation.preparing import Preparation
    from assistant.preparation.profile import Profile, Refused
    from assistant.settings import Settings
    from assistant.types import Fault, Hit, Reply

MOST_BYTES = 256 * 1024
"""Size of a file with a profile, at most; what lies behind is not read."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Quoted answers about an exchange semester, in English, Russian and Kazakh, on your own machine.\n\n"
    "Begin with `assistant index`, then `assistant ask 'What GPA do I need?'` or `assistant serve`.\n\n"
    "`assistant eligibility` and `assistant plan` need no index: they read a profile of yourself.\n\n"
    "Exit codes: 0 done, 1 something went wrong and was said, 2 a wrong option.",
)

Base = Annotated[Path | None, typer.Option("--knowledge-base", help="Folder with the documents.", metavar="DIR")]
Data = Annotated[Path | None, typer.Option("--data-dir", help="Folder of the index.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
Batch = Annotated[
    Path | None,
    typer.Option(
        "--batch",
        metavar="FILE",
        help="JSON Lines with `id`, `question` and optionally `history` (earlier questions, oldest first); "
        "one JSON line per question is written, in order. `-` reads standard input.",
    ),
]
Asked = Annotated[str | None, typer.Argument(metavar="QUESTION", help="The question, in any of the languages.")]

PROFILE = """
\b
The profile is an object in JSON; leave out what you do not know:
  {"home_university": "abai_kaznpu", "programme": "erasmus_icm_ka171", "destination": "PL",
   "departure": "2027-09", "months": 5, "level": "bachelor", "year_of_study": 3, "gpa": 3.1,
   "certificates": [{"test": "ielts", "score": 6.0}], "academic_debts": false}
A value that cannot be taken is named on standard error, and the others count."""
ProfileFile = Annotated[
    Path, typer.Argument(metavar="PROFILE.json", help="File with the profile; `-` reads standard input.")
]
Spoken = Annotated[Language, typer.Option("--language", help="Language of the texts.")]


@app.command()
def index(
    knowledge_base: Base = None,
    data_dir: Data = None,
    check: Annotated[bool, typer.Option("--check", help="Only report faults of the documents.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Only write a page about the documents (HTML).")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build even if nothing changed.")] = False,
    as_json: Json = False,
) -> None:
    """Build or refresh the index of the documents; the old one answers until the new one is verified."""
    with _said_plainly():
        settings = _settings(knowledge_base=knowledge_base, data_dir=data_dir)
        if check:
            _check(settings, as_json)
            return
        if report is not None:
            _report(settings, report)
            return
        from assistant.bootstrap import build_index

        with _progress_bar() as progress:
            built, faults = build_index(settings, progress=progress, rebuild=rebuild)
        _warn(faults)
        figures = {name: getattr(built, name) for name in built.__dataclass_fields__}
        if as_json:
            _print_json(figures)
        else:
            shown = (f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items())
            typer.echo(", ".join(shown))


@app.command()
def search(
    question: Asked = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many sections.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Show the signals behind each score.")] = False,
    as_json: Json = False,
    batch: Batch = None,
    knowledge_base: Base = None,
    data_dir: Data = None,
) -> None:
    """Show the sections that are nearest to a question."""
    with _said_plainly():
        from assistant.contract import search_json

        assistant = _open(_settings(knowledge_base=knowledge_base, data_dir=data_dir))
        if batch is not None:
            _run_batch(batch, lambda q, h: search_json(assistant.search(q, k=k, history=h), explain=explain))
            return
        hits = assistant.search(_given(question), k=k)
        if as_json:
            _print_json(search_json(hits, explain=explain))
        else:
            _print_hits(hits, explain)


@app.command()
def ask(
    question: Asked = None,
    as_json: Json = False,
    batch: Batch = None,
    knowledge_base: Base = None,
    data_dir: Data = None,
) -> None:
    """Answer a question with literal quotes, or say honestly that no source answers it."""
    with _said_plainly():
        from assistant.contract import reply_json
        from assistant.types import Conversation, Turn

        assistant = _open(_settings(knowledge_base=knowledge_base, data_dir=data_dir))
        if batch is not None:
            _run_batch(
                batch,
                lambda q, h: reply_json(
                    assistant.ask(q, conversation=Conversation(tuple(Turn(earlier) for earlier in h)))
                ),
            )
            return
        reply = assistant.ask(_given(question))
        if as_json:
            _print_json(reply_json(reply))
        else:
            _print_reply(reply)


@app.command(epilog=PROFILE)
def eligibility(
    profile: ProfileFile, language: Spoken = "en", as_json: Json = False, knowledge_base: Base = None
) -> None:
    """Judge which programmes are open to a student, requirement by requirement, each with the clause that states it."""
    with _said_plainly():
        from assistant.contract import eligibility_json
        from assistant.preparation.outline import verdict_lines
        from assistant.preparation.verdicts import judge_all

        student = _student(profile, language, knowledge_base)
        verdicts = judge_all(student.preparation.programmes, student.profile)
        if as_json:
            _print_json(eligibility_json(verdicts, student.refused, student.language))
        else:
            typer.echo("\n\n".join("\n".join(verdict_lines(each, student.language)) for each in verdicts))


@app.command(epilog=PROFILE)
def plan(
    profile: ProfileFile,
    language: Spoken = "en",
    done: Annotated[str, typer.Option("--done", metavar="A,B", help="Ids of the steps that are done.")] = "",
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write the open steps as a calendar.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the plan to print.")
    ] = None,
    as_json: Json = False,
    knowledge_base: Base = None,
) -> None:
    """Show what a student has to do by when; with --ics and --markdown as files to keep."""
    with _said_plainly():
        from datetime import date

        from assistant.contract import plan_json, planned
        from assistant.preparation.outline import plan_lines

        student = _student(profile, language, knowledge_base)
        steps_done = [step.strip() for step in done.split(",")]
        made = planned(student.preparation, student.profile, steps_done, today=date.today())
        _write_plan(made, student, ics, markdown)
        if as_json:
            _print_json(plan_json(made, student.refused, student.language))
        elif not ics and not markdown:
            typer.echo("\n".join(plan_lines(made, student.language)))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.")] = None,
    knowledge_base: Base = None,
    data_dir: Data = None,
) -> None:
    """Serve the pages; builds the index first if there is none, beside the serving one if it is out of date."""
    with _said_plainly():
        settings = _settings(host=host, port=port, knowledge_base=knowledge_base, data_dir=data_dir)
        from assistant.bootstrap import serve_pages

        with _progress_bar() as progress:
            run = serve_pages(settings, progress)
        typer.echo(f"Serving on http://{settings.host}:{settings.port}/  (Ctrl+C stops)", err=True)
        run()


@app.command()
def doctor(as_json: Json = False, knowledge_base: Base = None, data_dir: Data = None) -> None:
    """Tell what is configured, what works, and what is stale."""
    with _said_plainly():
        from assistant.diagnosis import diagnose

        findings = diagnose(_settings(knowledge_base=knowledge_base, data_dir=data_dir))
        if as_json:
            _print_json({"findings": [finding.as_dict() for finding in findings]})
        else:
            for finding in findings:
                typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.subject}: {finding.words}")
        if not all(finding.ok for finding in findings):
            raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    app()


class _said_plainly:  # noqa: N801  a context manager that reads like one
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


def _settings(**overrides: object) -> Settings:
    from assistant.offline import switch_off_calls_home
    from assistant.settings import load_settings

    switch_off_calls_home()
    return load_settings(**overrides)


def _open(settings: Settings) -> Assistant:
    from assistant.bootstrap import open_assistant

    return open_assistant(settings)


def _given(question: str | None) -> str:
    if question is None:
        raise QuestionError("no question was given; write it behind the command, or use --batch FILE")
    return question


class _Student(NamedTuple):
    """A student, what the knowledge base holds, and in which language and where from it is told."""

    profile: Profile
    refused: tuple[Refused, ...]
    preparation: Preparation
    language: Language
    address: str


def _student(path: Path, language: Language, knowledge_base: Path | None) -> _Student:
    """Return the student of a file, and name on standard error what of the profile was not taken.

    Raises:
        QuestionError: If the file cannot be read or holds no profile.
    """
    from datetime import date

    from assistant.bootstrap import open_preparation
    from assistant.preparation.profile import read_profile
    from assistant.preparation.refused_text import refused_words

    settings = _settings(knowledge_base=knowledge_base)
    profile, refused = read_profile(_read_profile(path), today=date.today())
    for each in refused:
        typer.echo(f"assistant: {_clean(refused_words(each, language))}", err=True)
    address = f"http://{settings.host}:{settings.port}"
    return _Student(profile, refused, open_preparation(settings), language, address)


def _read_profile(path: Path) -> Mapping[str, Any]:
    """Return the object in a JSON file.

    Raises:
        QuestionError: If it cannot be read or is no profile.
    """
    from assistant.contract import given_profile

    try:
        raw = sys.stdin.buffer.read(MOST_BYTES) if str(path) == "-" else path.read_bytes()[:MOST_BYTES]
        return given_profile(json.loads(raw.decode("utf-8-sig")))
    except OSError as error:
        raise QuestionError(f"cannot read {str(path)!r}: {error.strerror}; give a file with a profile") from error
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"cannot read {str(path)!r} as a profile: {error}; see --help for an example") from error


def _write_plan(made: Plan, student: _Student, ics: Path | None, markdown: Path | None) -> None:
    """Write a plan to the files that are wanted.

    Raises:
        QuestionError: If a calendar is wanted and there is no departure, or a file cannot be written.
    """
    from datetime import UTC, datetime

    from assistant.preparation.calendar_file import calendar
    from assistant.preparation.plan_text import departure_words
    from assistant.preparation.plan_text import markdown as written

    language, address = student.language, student.address
    if ics and made.departure is None:
        raise QuestionError(f'--ics {str(ics)!r}: {departure_words(made, language)} Add "departure": "2027-09"')
    try:
        if ics:
            ics.write_bytes(calendar(made, language, address=address, now=datetime.now(UTC)))
        if markdown:
            markdown.write_text(written(made, language, address=address), encoding="utf-8")
    except OSError as error:
        raise QuestionError(f"cannot write {error.filename!r}: {error.strerror}; give another file") from error


def _run_batch(path: Path, run: Callable[[str, list[str]], dict[str, Any]]) -> None:
    """Write one JSON line per line of the file; a line that cannot be answered says why under ``error``."""
    failed = 0
    for number, line in enumerate(_lines(path), start=1):
        identity: Any = None
        try:
            case = _parsed(line)
            identity = case.get("id")
            found = run(*_question_of(case))
        except (AssistantError, ValueError, RecursionError) as error:
            found = {"error": f"line {number}: {error}"}
            failed += 1
        _print_json({"id": identity} | found)
    if failed:
        typer.echo(f"assistant: {failed} lines could not be answered; see `error` in them", err=True)
        raise typer.Exit(1)


def _parsed(line: str) -> dict[str, Any]:
    """Return the JSON object of a line.

    Raises:
        ValueError: If it is none.
    """

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON; write null")

    case = json.loads(line, parse_constant=refuse)
    if not isinstance(case, dict):
        raise ValueError(f'{line[:40].strip()!r} is no JSON object; write {{"id": …, "question": …}}')
    return case


def _question_of(case: dict[str, Any]) -> tuple[str, list[str]]:
    """Return question and history of a batch line.

    Raises:
        ValueError: If they are not of their types.
    """
    question, history = case.get("question"), case.get("history") or []
    if not isinstance(question, str):
        raise ValueError(f"question {question!r} must be a text")
    if not isinstance(history, list) or not all(isinstance(each, str) for each in history):
        raise ValueError(f"history {str(history)[:40]!r} must be a list of texts, oldest first")
    return question, history


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines that are not blank, as UTF-8 with or without a byte order mark."""
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as file:
            for number, raw in enumerate(file):
                line = raw.removeprefix(b"\xef\xbb\xbf" if not number else b"").decode("utf-8", "replace")
                if line.strip():
                    yield line
    except OSError as error:
        raise QuestionError(f"cannot read {str(path)!r}: {error.strerror}; give a JSON Lines file") from error


def _print_json(data: dict[str, Any]) -> None:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(_clean(text) + "\n")


def _clean(text: str) -> str:
    """Return a text that can be written: half a surrogate pair, which JSON can give, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _print_hits(hits: tuple[Hit, ...], explain: bool) -> None:
    for rank, hit in enumerate(hits, start=1):
        typer.echo(f"{rank:2} {hit.score:.3f}  {hit.passage.section} [{hit.passage.language}]")
        typer.echo(f"   {hit.passage.heading or hit.passage.text[:100]}")
        if explain:
            typer.echo("   " + ", ".join(f"{name} {value:.3f}" for name, value in hit.signals.items()))


def _print_reply(reply: Reply) -> None:
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


def _check(settings: Settings, as_json: bool) -> None:
    from datetime import date

    from assistant.bootstrap import check_base

    faults = check_base(settings.knowledge_base, today=date.today())
    if as_json:
        _print_json({"faults": [{"path": f.path, "line": f.line, "message": f.message} for f in faults]})
    else:
        for fault in faults:
            typer.echo(str(fault))
        typer.echo(f"{len(faults)} faults in {settings.knowledge_base}", err=True)
    if faults:
        raise typer.Exit(1)


def _report(settings: Settings, path: Path) -> None:
    from datetime import date

    from assistant.bootstrap import write_base_report

    write_base_report(settings.knowledge_base, path, today=date.today())
    typer.echo(f"the report lies in {path}", err=True)


def _warn(faults: tuple[Fault, ...]) -> None:
    for fault in faults[:20]:
        typer.echo(f"assistant: {fault}", err=True)
    if len(faults) > 20:
        typer.echo(f"assistant: and {len(faults) - 20} more; `assistant index --check` lists all", err=True)


class _progress_bar:  # noqa: N801  a context manager that reads like one
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


if __name__ == "__main__":
    main()
