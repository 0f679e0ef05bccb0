"""What all commands share: exit codes, errors for people, JSON or text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

P = ParamSpec("P")
R = TypeVar("R")


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    BROKER = 4
    MODEL = 5


ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def fail(message: str, code: Exit) -> typer.Exit:
    """Print an error for people; returns what to raise."""
    print(message, file=sys.stderr)
    return typer.Exit(int(code))


def friendly(command: Callable[P, R]) -> Callable[P, R]:
    """Errors that a person can act on, with the fixed exit codes, and no traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BaseExceptionGroup as group:
            known = [e for e in _leaves(group) if _code_of(e) is not None]
            if not known:
                raise
            raise fail(str(known[0]), _code_of(known[0]) or Exit.FAILED) from group
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            code = _code_of(error)
            if code is None:
                raise
            raise fail(str(error), code) from error

    return run


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _code_of(error: BaseException) -> Exit | None:
    codes = {
        "ConfigurationError": Exit.CONFIGURATION, "HomeFileError": Exit.CONFIGURATION,
        "BrokerError": Exit.BROKER, "EdgeError": Exit.MODEL, "JournalError": Exit.FAILED,
        "CommandFailed": Exit.FAILED, "KnowledgeError": Exit.FAILED,
    }  # fmt: skip
    return next((codes[c.__name__] for c in type(error).__mro__ if c.__name__ in codes), None)


class CommandFailed(Exception):
    """A command could not do what it was asked. The message is for the person."""


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))
