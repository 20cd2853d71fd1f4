"""The commands that say who may work at the mentors' desk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.cli.options import Data, Json, app, settings_of
from assistant.cli.printing import print_json, said_plainly
from assistant.errors import RecordError

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.records.mentors import Mentor, Mentors

mentor = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(mentor, name="mentor", help="Say who may work at the mentors' desk; at first, nobody may.")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="An e-mail address, or a short name.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@mentor.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="The name, as students see it.")],
    office: Annotated[str, typer.Option("--office", help="The office in whose name they answer.")],
    role: Annotated[
        Literal["mentor", "coordinator"],
        typer.Option("--role", help="mentor, or coordinator, who also manages mentors."),
    ] = "mentor",
    password_stdin: FromInput = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="They sign in with the organisation's account alone.")
    ] = False,
    data_dir: Data = None,
) -> None:
    """Add a mentor; the password is asked for, twice and unseen."""
    with said_plainly():
        from assistant.records.mentors import Role

        mentors = _mentors(data_dir)
        password = None if no_password else _password(password_stdin)
        added = mentors.add(login, name, office, Role(role), password)
        typer.echo(f"added {added.login} ({added.role.value})")


@mentor.command()
def reset(login: Login, password_stdin: FromInput = False, data_dir: Data = None) -> None:
    """Give a mentor a new password; whoever is signed in as them is signed out, and a lock-out ends."""
    with said_plainly():
        mentors = _mentors(data_dir)
        mentors.known(login)  # says so before anybody types
        typer.echo(f"new password for {mentors.reset(login, _password(password_stdin)).login}")


@mentor.command()
def disable(login: Login, data_dir: Data = None) -> None:
    """Let a mentor sign in no more, and sign them out; what they did stays."""
    with said_plainly():
        typer.echo(f"disabled {_mentors(data_dir).disable(login).login}")


@mentor.command()
def enable(login: Login, data_dir: Data = None) -> None:
    """Let a mentor sign in again."""
    with said_plainly():
        typer.echo(f"enabled {_mentors(data_dir).enable(login).login}")


@mentor.command(name="list")
def listed(as_json: Json = False, data_dir: Data = None) -> None:
    """Show all mentors."""
    with said_plainly():
        found = _mentors(data_dir).all()
        if as_json:
            print_json({"mentors": [_told(each) for each in found]})
            return
        for each in found:
            state = f"disabled since {each.disabled:%Y-%m-%d}" if each.disabled else "may sign in"
            typer.echo(f"{each.login}  {each.role.value}  {each.name}, {each.office}  {state}")
        typer.echo(f"{len(found)} mentors", err=True)


def _told(of: Mentor) -> dict[str, str | None]:
    since = of.disabled.isoformat() if of.disabled else None
    return {"login": of.login, "name": of.name, "office": of.office, "role": of.role.value, "disabled": since}


def _mentors(data_dir: Path | None) -> Mentors:
    from assistant.bootstrap import open_mentors

    return open_mentors(settings_of(data_dir=data_dir))


def _password(from_input: bool) -> str:
    """Return a password from standard input, or as typed twice without being shown."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise RecordError("there is no terminal to ask for the password; use --password-stdin")
    first: str = typer.prompt("Password", hide_input=True, err=True)
    if first != typer.prompt("The same once more", hide_input=True, err=True):
        raise RecordError("the two passwords are different; run the command again")
    return first
