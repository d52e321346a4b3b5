"""What every command starts with: the settings, the archive, a source. A mistake in one ends in one plain sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from kliping import streams

if TYPE_CHECKING:
    from archive.database import Archive
    from indexer.query import BadQueryError
    from kliping.config import Settings
    from sources import Source

WRONG_USAGE = 2
NEEDS_ATTENTION = 1


def fail(sentence: str, status: int = WRONG_USAGE) -> NoReturn:
    """Print a sentence on standard error and exit with a status."""
    typer.echo(sentence, err=True)
    raise typer.Exit(status)


def bad_query(error: BadQueryError) -> NoReturn:
    """Print why a query cannot be read, point at the place, and exit with status 2."""
    line = "".join(sign if sign.isprintable() else " " for sign in error.query)
    fail(f"{error.sentence}\n\n    {line}\n    {' ' * error.position}^")


def settings(**overrides: Any) -> Settings:
    """The settings. Exits with status 2 if they cannot be used."""
    from kliping import config  # pydantic-settings takes 0.1 s, which `kliping COMMAND --help` does not need

    try:
        loaded = config.load(**overrides)
        if loaded.sources:
            import sources

            config.require_known_sources(loaded, sources.names())
    except config.ConfigurationError as error:
        fail(str(error))
    check_home(loaded.home, "KLIPING_HOME")
    return loaded


def check_home(home: Path, name: str) -> None:
    """Exit with status 2 if the archive's folder cannot be one: a file has its name, or the name of a parent.

    `name` is the setting or option that names the folder.
    """
    if file := next((path for path in (home, *home.parents) if path.is_file()), None):
        fail(f"{name} cannot be used: {file} is a file. Name a folder you can write to.")


class UnusableArchiveError(Exception):
    """The archive cannot be used; the message says why, `status` is the exit status that it means.

    `lost`: its database is missing, empty or damaged, which `kliping archive verify --mend` can mend. `missing`: there
    is no archive, and there never was one.
    """

    def __init__(self, sentence: str, status: int, *, lost: bool = False, missing: bool = False) -> None:
        super().__init__(sentence)
        self.status = status
        self.lost = lost
        self.missing = missing


@contextmanager
def archive(
    settings: Settings,
    *,
    creates: bool = False,
    writes: bool = False,
    or_empty: bool = False,
    log_level: int = logging.WARNING,
) -> Iterator[Archive]:
    """The archive, opened and migrated. Exits with a sentence if it cannot be used: with status 1 if it needs care.

    `creates`: it is made if there is none. `writes`: the command needs to write to it. `or_empty`: if there is none,
    the command works on an empty one that disappears with it. Log events of `log_level` and above go to standard error.
    """
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(usable_archive(settings, creates=creates, writes=writes, log_level=log_level))
        except UnusableArchiveError as error:
            if not (or_empty and error.missing):
                fail(str(error), error.status)
            opened = _empty(stack)
        try:
            yield opened
        except Exception as error:
            if (unusable := _unusable_archive(error, opened)) is None:
                raise
            fail(str(unusable), unusable.status)


@contextmanager
def long_work() -> Iterator[None]:
    """For commands that work for long: one signal ends them in order (`archive.ending`).

    A reader of what they print who has read enough (`| head`) ends nothing.
    """
    from archive import ending

    streams.outlast_readers()
    with ending.heeded():
        yield


@contextmanager
def usable_archive(
    settings: Settings, *, creates: bool = False, writes: bool = False, log_level: int = logging.WARNING
) -> Iterator[Archive]:
    """`archive`, for a command that goes on without one. Raises UnusableArchiveError, for errors in the block too."""
    # SQLAlchemy, Alembic and structlog take 0.4 s, which `kliping read` and `kliping search` do not need
    from archive.database import Archive
    from kliping import logs

    logs.configure(log_level, form=settings.log_format)
    opened: Archive | None = None
    try:
        opened = Archive.open(settings.archive_url, settings.home, create=creates)
        with opened:
            if creates or writes:
                opened.require_writable()
            yield opened
    except Exception as error:
        if unusable := _unusable_archive(error, opened):
            raise unusable from error
        if isinstance(error, OSError) and opened is None:
            where = error.filename or settings.home
            sentence = (
                f"KLIPING_HOME cannot be used: {where}: {error.strerror or error}. Name a folder you can write to."
            )
            raise UnusableArchiveError(sentence, WRONG_USAGE) from error
        raise


def unusable_in_words(error: Exception, opened: Archive) -> str | None:
    """What an error says about the archive, for people; None if it is about something else."""
    if isinstance(error, OSError):
        return str(error)
    unusable = _unusable_archive(error, opened)
    return str(unusable) if unusable else None


def _unusable_archive(error: Exception, opened: Archive | None) -> UnusableArchiveError | None:
    """What an error says about the archive; None if it is about something else."""
    from sqlalchemy.exc import DatabaseError

    from archive import dialects, sqlite
    from archive.database import (
        ArchiveError,
        DamagedDatabaseError,
        LostDatabaseError,
        NoArchiveError,
        ReadOnlyArchiveError,
        damage_in_words,
        is_damage,
    )

    if isinstance(error, ArchiveError):
        cause = error.__cause__
        lost = isinstance(error, DamagedDatabaseError | LostDatabaseError)  # its own sentence has the remedy
        problem = not lost and (sqlite.PROBLEMS.get(sqlite.code(cause)) or (opened and dialects.problem(cause)))
        missing = isinstance(error, NoArchiveError)
        sentence = _unusable(problem) if problem else str(error)
        attention = problem or lost or isinstance(error, ReadOnlyArchiveError)
        # perhaps KLIPING_DATABASE_URL names another file, unless the archive was in use already
        no_database = opened is None and sqlite.code(cause) == "SQLITE_NOTADB"
        status = NEEDS_ATTENTION if attention and not no_database else WRONG_USAGE
        return UnusableArchiveError(sentence, status, lost=lost, missing=missing)
    if not isinstance(error, DatabaseError) or opened is None:
        return None
    if is_damage(error):
        return UnusableArchiveError(damage_in_words(opened, error), NEEDS_ATTENTION, lost=True)
    problem = dialects.problem(error)
    if problem is None:
        return None  # wrong SQL is a bug of ours, and needs its traceback
    return UnusableArchiveError(_unusable(problem), NEEDS_ATTENTION)


def _empty(stack: ExitStack) -> Archive:
    """An empty archive in a folder that is removed at the end."""
    from archive.database import Archive
    from kliping.config import sqlite_url

    home = Path(stack.enter_context(TemporaryDirectory(prefix="kliping-")))
    return Archive.open(sqlite_url(home / "archive.sqlite3"), home)


def _unusable(problem: str) -> str:
    return f"The archive's database cannot be used: {problem.strip().rstrip('.')}."


def source(name: str) -> Source:
    """The source of that name. Exits with status 2 if there is none or its file cannot be used."""
    import sources  # 0.03 s, which `kliping read dates` does not need

    if name not in sources.names():
        unknown_source(name, sources.names())
    try:
        return sources.load(name)
    except sources.BadSourceError as error:
        fail(f"{error}.")


def unknown_source(name: str, known: Iterable[str]) -> NoReturn:
    """Exit with status 2, naming a source with a similar name."""
    similar = get_close_matches(name, list(known), n=1)
    hint = f"Did you mean {similar[0]}? " if similar else ""
    fail(f"There is no source {name!r}. {hint}`kliping sources list` shows all sources.")
