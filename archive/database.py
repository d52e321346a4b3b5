"""The archive as a whole: its location, its reading and saving transactions, and its migrations."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine, func, insert, inspect, select
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from archive import dialects, moved, postgres, sqlite
from archive.errors import ArchiveError as ArchiveError  # under the name by which other rooms know it
from archive.errors import DamagedDatabaseError as DamagedDatabaseError
from archive.errors import LostDatabaseError as LostDatabaseError
from archive.errors import NoArchiveError as NoArchiveError
from archive.errors import ReadOnlyArchiveError as ReadOnlyArchiveError
from archive.mark import Mark, traces, write_mark
from archive.migrations.upgrade import is_current, upgrade
from archive.saving import SavingTransaction as SavingTransaction
from archive.tables import articles, counters, facts, pages

log = structlog.get_logger()


@dataclass(frozen=True)
class ArchiveIdentity:
    """Identifies the archive. `epoch` is for restores (planned): a restored archive will get a new one."""

    archive_id: str
    epoch: str


class Archive:
    """The system of record: a database, and a folder of WARC files beside it.

    One object serves one process; child processes open their own. `read_only`: this process may not write it.
    """

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home
        self.warc_folder = home / "warc"
        self.file = sqlite.file_of(url)
        """The database's file; None for a database without one."""
        self.place = dialects.name_of(url)
        """The database in words, without a password."""
        self.read_only = self.file is not None and sqlite.is_read_only(self.file)
        self.engine: Engine = dialects.engine_of(url)
        self._saved = False

    @classmethod
    def open(cls, url: str, home: Path, *, create: bool = True) -> Archive:
        """Open the archive at a SQLAlchemy URL and migrate its tables.

        With `create`, an archive that does not exist is made, but never in a home that held one before. Raises
        ArchiveError: NoArchiveError without `create`, LostDatabaseError, DamagedDatabaseError, ReadOnlyArchiveError for
        one that must be migrated first.
        """
        file = sqlite.file_of(url) if url.startswith("sqlite") else None
        if file is not None and file.is_dir():
            raise LostDatabaseError(
                f"{file} is a folder, but the database needs that name. Move it away, then put the database back from "
                "a backup, or run `kliping archive verify --mend`, which makes it anew from the WARC files."
            )
        if file is not None and sqlite.is_empty(file):
            _refuse_to_make(file, home, lambda: sqlite.is_empty(file), create=create, name=str(file))
        archive = cls.at(url, home)
        try:
            if archive.is_blank():
                _refuse_to_make(archive.file, home, archive.is_blank, create=create, name=archive.place)
            archive.migrate()
            with archive._plain_errors(), archive.reading() as connection:
                refusal = moved.refusal(connection, archive.place)
            if refusal is not None:
                raise ArchiveError(refusal)
        except BaseException:
            archive.close()
            raise
        return archive

    @classmethod
    def at(cls, url: str, home: Path) -> Archive:
        """The archive at a URL, neither looked at nor migrated. Raises ArchiveError for a URL that cannot be used."""
        try:
            return cls(url, home)
        except ImportError as error:
            remedy = "Install it: pip install 'kliping[postgres]'."
            raise ArchiveError(f"The driver of {dialects.name_of(url)} is missing: {error}. {remedy}") from error
        except ArgumentError as error:  # its text may repeat the URL, and so a password
            raise ArchiveError(dialects.BAD_URL) from error

    @classmethod
    def make_anew(cls, url: str, home: Path) -> Archive:
        """Make an archive where the database is missing, although the home held one before. Raises ArchiveError."""
        archive = cls.at(url, home)
        try:
            archive.migrate()
        except BaseException:
            archive.close()
            raise
        return archive

    def require_sound(self, seconds: float) -> None:
        """Look at the database's file as a process that opens it now, for at most so many seconds.

        A process that has it open may go on for long with what it has read before. Raises LostDatabaseError,
        DamagedDatabaseError, and sqlalchemy's DatabaseError if the file cannot be read now.
        """
        if self.file is None:
            return
        if sqlite.is_empty(self.file):
            raise LostDatabaseError(
                f"The archive's database {self.file} is gone or empty, while it is in use. Stop everything that uses "
                "it. Then put it back from a backup, or run `kliping archive verify --mend`."
            )
        engine = sqlite.sqlite_engine(self.url)
        try:
            with engine.connect() as connection:
                problems = sqlite.check(connection, seconds).problems
        except DatabaseError as error:
            if is_damage(error):
                raise DamagedDatabaseError(damage_in_words(self, error)) from error
            raise
        finally:
            engine.dispose()
        if problems:
            raise DamagedDatabaseError(damage_in_words(self, problems[0]))

    def close(self) -> None:
        """Write the mark beside the archive if this process saved anything, and close every connection."""
        if self._saved:
            self._saved = False
            try:
                self.save_mark()
            except (
                OSError,
                DatabaseError,
                ArchiveError,
            ) as error:  # the old mark stays, and promises less than there is
                log.warning("the archive's mark was not written", home=str(self.home), reason=str(error))
        self.engine.dispose()

    def save_mark(self) -> None:
        """Write what the archive holds now beside it (`archive.mark`). Raises OSError and DatabaseError."""
        with self.reading() as connection:
            stored, kept = (
                int(connection.execute(select(func.count()).select_from(each)).scalar_one())
                for each in (articles, pages)
            )
            seq = self.seq_in(connection)
        here = self.identity
        self.home.mkdir(parents=True, exist_ok=True)
        write_mark(self.home, Mark(here.archive_id, here.epoch, seq, stored, kept, datetime.now(UTC)))

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only transaction with one consistent view."""
        options = dialects.for_reading(self.engine)
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, in_turn: bool = True) -> Iterator[Connection]:
        """A writing transaction: committed at the end, rolled back on any error.

        Writers write one after the other. On PostgreSQL, one that is not `in_turn` waits for no other: for statements
        that are safe with row locks and ON CONFLICT alone. Raises ReadOnlyArchiveError.
        """
        self.require_writable()
        with self.engine.connect().execution_options(writing=True, in_turn=in_turn) as connection:
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            with postgres.certain_commit():
                transaction.commit()

    @contextmanager
    def saving(self) -> Iterator[SavingTransaction]:
        """A writing transaction that writes its article changes to the log at the end."""
        with self.writing() as connection:
            saving = SavingTransaction(connection)
            yield saving
            saving.finish()
        self._saved = True

    def require_writable(self) -> None:
        """Raises ReadOnlyArchiveError if this process may not write the archive."""
        if self.read_only:
            raise ReadOnlyArchiveError(
                f"The archive in {self.home} is read-only for this user, and this command writes to it. Give this user "
                "the right to write to the folder and the files in it."
            )

    @cached_property
    def identity(self) -> ArchiveIdentity:
        """The archive's id and epoch. Raises DamagedDatabaseError if they are lost."""
        with self.reading() as connection:
            rows = {row.name: row.value for row in connection.execute(select(facts))}
        if not {"archive_id", "epoch"} <= rows.keys():
            raise DamagedDatabaseError(damage_in_words(self, "the archive's id is lost"))
        return ArchiveIdentity(rows["archive_id"], rows["epoch"])

    def last_seq(self) -> int:
        """The `seq` of the latest change; 0 in a new archive."""
        with self.reading() as connection:
            return self.seq_in(connection)

    def seq_in(self, connection: Connection) -> int:
        """`last_seq` as a transaction sees it. Raises DamagedDatabaseError if the counter is lost."""
        seq = connection.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar_one_or_none()
        if seq is None:
            raise DamagedDatabaseError(damage_in_words(self, "the counter of changes is lost"))
        return int(seq)

    def is_blank(self) -> bool:
        """Whether the database has none of our tables."""
        with self._plain_errors(), self.reading() as connection:
            return not inspect(connection).has_table(facts.name)

    def migrate(self) -> None:
        """Migrate the tables to the newest version; of two processes one waits. Raises ArchiveError."""
        from alembic.util import CommandError

        try:
            with self._plain_errors():
                self._migrate()
        except CommandError as error:
            raise ArchiveError(
                f"The archive in {self.place} was written by a newer version of Kliping ({error}). Use that version."
            ) from error

    def _migrate(self) -> None:
        with self.reading() as connection:
            if is_current(connection) and inspect(connection).has_table(facts.name):
                return
        if self.read_only:
            raise ReadOnlyArchiveError(
                f"The archive in {self.home} was written by an earlier version of Kliping, and is read-only for this "
                "user. Let a user who may write to it run `kliping archive migrate` once."
            )
        with (
            self.writing() as connection
        ):  # locks before the version is read again: the second process then finds it done
            upgrade(connection)
            if connection.execute(select(facts.c.value).where(facts.c.name == "archive_id")).first() is None:
                connection.execute(insert(facts).values(name="archive_id", value=secrets.token_hex(8)))
                connection.execute(insert(facts).values(name="epoch", value=new_epoch(datetime.now(UTC))))
                connection.execute(insert(counters).values(name="seq", value=0))
                self._saved = True

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Raise ArchiveError for a database that cannot be opened or is damaged."""
        try:
            yield
        except postgres.UnusableServerError as error:
            raise ArchiveError(str(error)) from error
        except sqlite.UnappliedChangesError as error:
            raise ReadOnlyArchiveError(
                f"The archive in {self.home} is read-only for this user, and its last changes are still in {error}. "
                "Let a user who may write to it run any command once, for example `kliping archive stats`."
            ) from error
        except DatabaseError as error:
            if is_damage(error):
                raise DamagedDatabaseError(damage_in_words(self, error)) from error
            raise ArchiveError(dialects.why_not_opened(self.url, error)) from error


def new_epoch(now: datetime) -> str:
    """The name of a new epoch: an index that was made before it does not match the archive's log."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def is_damage(error: BaseException) -> bool:
    """Whether an error means that the file of the database is damaged, or has lost what we cannot do without."""
    if isinstance(error, DamagedDatabaseError):
        return True
    return dialects.is_damage(error)


def is_unusable(error: BaseException) -> bool:
    """Whether an error means that nothing more can be saved: the disk, the database or its file is at fault."""
    lost = isinstance(error, OSError | OperationalError | ReadOnlyArchiveError)
    return lost or is_damage(error) or dialects.was_rolled_back(error)


def damage_in_words(archive: Archive, problem: object) -> str:
    """What a damaged database means, and what to do. `problem` is the database's error, or says what is lost."""
    if archive.file is None:
        return (
            f"The archive's data in {archive.place} are damaged: {getattr(problem, 'orig', problem)}. Stop everything "
            "that uses them. Then put them back from a backup."
        )
    return (
        f"The archive's database {archive.file} is damaged: {getattr(problem, 'orig', problem)}. Stop everything that "
        "uses it. Then put it back from a backup, or run `kliping archive verify --mend`, which keeps what can be read "
        "and reads the rest from the WARC files."
    )


def _refuse_to_make(file: Path | None, home: Path, is_empty: Callable[[], bool], *, create: bool, name: str) -> None:
    """Raise LostDatabaseError or NoArchiveError, unless a new archive may be made here.

    The database is looked at once more after the traces: another process may be making both.
    """
    before = traces(home, home / "warc")
    if before is not None and is_empty():
        seen = "empty" if file is None or file.exists() else "missing"
        mend = ", or run `kliping archive verify --mend`, which makes it anew from the WARC files" if file else ""
        raise LostDatabaseError(
            f"The archive's database {name} is {seen}, but {home} held an archive: {before}. Put the database back "
            f"from a backup{mend}. To begin another archive, choose another KLIPING_HOME."
        )
    if not create:
        demo = home / "demo"
        here = f" The archive of `kliping demo` is in {demo}." if (demo / "archive.sqlite3").exists() else ""
        raise NoArchiveError(
            f"There is no archive in {home}.{here} `kliping crawl` or `kliping import` makes one; KLIPING_HOME names "
            "the folder of another."
        )
