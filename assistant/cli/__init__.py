"""The command line."""

from assistant.cli import commands, mentors, records  # noqa: F401  in the order in which help lists them
from assistant.cli.commands import main
from assistant.cli.options import app

__all__ = ["app", "main"]
