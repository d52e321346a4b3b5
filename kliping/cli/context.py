"""What every command begins with: the settings, the archive, and one plain sentence where either is wrong."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from archive.database import Archive
    from kliping.config import Settings

WRONG_USAGE = 2
NEEDS_ATTENTION = 1


def fail(sentence: str, status: int = WRONG_USAGE) -> NoReturn:
    """Say one sentence on standard error and end with a status."""
    typer.echo(sentence, err=True)
    raise typer.Exit(status)


def settings(**overrides: Any) -> Settings:
    """The settings; ends with status 2 and a sentence where they cannot be used. Quiets the logs of the libraries."""
    from kliping import config

    _quiet_logs()
    try:
        return config.load(**overrides)
    except config.ConfigurationError as error:
        fail(str(error))


@contextmanager
def archive(of: Settings) -> Iterator[Archive]:
    """The archive, opened and brought up to date; ends with status 2 and a sentence where it cannot be."""
    from archive.database import Archive, ArchiveError

    try:
        opened = Archive.open(of.archive_url, of.home)
    except ArchiveError as error:
        fail(str(error))
    except OSError as error:
        fail(f"KLIPING_HOME cannot be used: {error.filename or of.home}: {error.strerror or error}.")
    with opened:
        yield opened


def console(*, stderr: bool = False) -> Console:
    """Where people read: coloured on a terminal, plain in a pipe. Brackets in what we print are text, never markup."""
    from rich.console import Console

    soft_wrap = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(highlight=False, markup=False, stderr=stderr, soft_wrap=soft_wrap)


def print_json(value: Any) -> None:
    """One JSON document for machines, in UTF-8 as it is."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _quiet_logs() -> None:
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
