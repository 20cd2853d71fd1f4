"""The commands. Nothing heavy is imported before one runs, so that ``--help`` is instant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.batches import run_batch
from assistant.cli.options import Asked, Base, Batch, Data, Json, app, settings_of
from assistant.cli.printing import print_hits, print_json, print_reply, progress_bar, said_plainly, tell, warn
from assistant.cli.students import student_of, write_plan
from assistant.errors import QuestionError
from assistant.types import Language

if TYPE_CHECKING:
    from assistant.answering.assistant import Assistant
    from assistant.settings import Settings

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
    with said_plainly():
        settings = settings_of(knowledge_base=knowledge_base, data_dir=data_dir)
        if check:
            _check(settings, as_json)
            return
        if report is not None:
            _report(settings, report)
            return
        from assistant.bootstrap import build_index

        with progress_bar() as progress:
            built, faults = build_index(settings, progress=progress, rebuild=rebuild)
        warn(faults)
        figures = {name: getattr(built, name) for name in built.__dataclass_fields__}
        if as_json:
            print_json(figures)
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
    with said_plainly():
        from assistant.contract import search_json

        assistant = _open(settings_of(knowledge_base=knowledge_base, data_dir=data_dir))
        if batch is not None:
            run_batch(batch, lambda q, h: search_json(assistant.search(q, k=k, history=h), explain=explain))
            return
        hits = assistant.search(_given(question), k=k)
        if as_json:
            print_json(search_json(hits, explain=explain))
        else:
            print_hits(hits, explain)


@app.command()
def ask(
    question: Asked = None,
    as_json: Json = False,
    batch: Batch = None,
    knowledge_base: Base = None,
    data_dir: Data = None,
) -> None:
    """Answer a question with literal quotes, or say honestly that no source answers it.

    Only the documents answer here; what mentors and participants have published answers on the pages.
    """
    with said_plainly():
        from assistant.contract import reply_json
        from assistant.types import Conversation, Turn

        assistant = _open(settings_of(knowledge_base=knowledge_base, data_dir=data_dir))
        if batch is not None:
            run_batch(
                batch,
                lambda q, h: reply_json(
                    assistant.ask(q, conversation=Conversation(tuple(Turn(earlier) for earlier in h)))
                ),
            )
            return
        reply = assistant.ask(_given(question))
        if as_json:
            print_json(reply_json(reply))
        else:
            print_reply(reply)


@app.command(epilog=PROFILE)
def eligibility(
    profile: ProfileFile, language: Spoken = "en", as_json: Json = False, knowledge_base: Base = None
) -> None:
    """Judge which programmes are open to a student, requirement by requirement, each with the clause that states it."""
    with said_plainly():
        from assistant.contract import eligibility_json
        from assistant.preparation.outline import verdict_lines
        from assistant.preparation.verdicts import judge_all

        student = student_of(profile, language, settings_of(knowledge_base=knowledge_base))
        verdicts = judge_all(student.preparation.programmes, student.profile)
        if as_json:
            print_json(eligibility_json(verdicts, student.refused, student.language))
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
    with said_plainly():
        from datetime import date

        from assistant.contract import plan_json, planned
        from assistant.preparation.outline import plan_lines

        student = student_of(profile, language, settings_of(knowledge_base=knowledge_base))
        steps_done = [step.strip() for step in done.split(",")]
        made = planned(student.preparation, student.profile, steps_done, today=date.today())
        write_plan(made, student, ics, markdown)
        if as_json:
            print_json(plan_json(made, student.refused, student.language))
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
    with said_plainly():
        settings = settings_of(host=host, port=port, knowledge_base=knowledge_base, data_dir=data_dir)
        from assistant.bootstrap import serve_pages

        with progress_bar() as progress:
            run = serve_pages(settings, progress)
        typer.echo(f"Serving on http://{settings.host}:{settings.port}/  (Ctrl+C stops)", err=True)
        run()


@app.command()
def doctor(as_json: Json = False, knowledge_base: Base = None, data_dir: Data = None) -> None:
    """Tell what is configured, what works, and what is stale."""
    with said_plainly():
        from assistant.diagnosis import diagnose

        tell(diagnose(settings_of(knowledge_base=knowledge_base, data_dir=data_dir)), as_json)


def main() -> None:
    """Run the command line."""
    app()


def _open(settings: Settings) -> Assistant:
    from assistant.bootstrap import open_assistant

    return open_assistant(settings)


def _given(question: str | None) -> str:
    if question is None:
        raise QuestionError("no question was given; write it behind the command, or use --batch FILE")
    return question


def _check(settings: Settings, as_json: bool) -> None:
    from datetime import date

    from assistant.bootstrap import check_base

    faults = check_base(settings.knowledge_base, today=date.today())
    if as_json:
        print_json({"faults": [{"path": f.path, "line": f.line, "message": f.message} for f in faults]})
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
