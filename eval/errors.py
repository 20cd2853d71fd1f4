"""What goes wrong in the evaluation on purpose, each with its exit code."""

from __future__ import annotations


class EvalError(Exception):
    """Input that cannot be used; the message names the value, the rule and the way out."""

    exit_code = 2


class IncompleteRun(EvalError):
    """A run that did not ask all its cases, so that no figure of it may be trusted."""

    exit_code = 3
