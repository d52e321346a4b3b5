"""Examines the archive without reading its pages: the database itself, the rows that belong together, the WARC files.

`archive.verify` also reads every page and version. `kliping doctor` makes these checks within a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select

from archive import forget, orphans, sqlite
from archive.changes import lost as lost_articles
from archive.database import Archive
from archive.mark import NAME, older_than, read_mark, warc_files
from archive.tables import articles, changes, pages, runs, versions
from archive.versions import IS_CURRENT
from archive.warc.unreferenced import has_page, run_of_file

MOST_FILES = 10
"""WARC files that are named one by one."""
MOST_ARTICLES = 10
"""Articles that are named one by one."""


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that is wrong, in a sentence.

    `mendable` by `kliping archive verify --mend`; `structural`: the file of the database itself is damaged.
    """

    sentence: str
    mendable: bool = False
    structural: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found. Not `complete`: the time given ended before the database was checked whole."""

    faults: tuple[Defect, ...]
    complete: bool = True


def examine(archive: Archive, seconds: float | None = None) -> Examination:
    """Check everything that can be checked without reading pages; the database for at most so many seconds.

    Raises sqlalchemy's DatabaseError if damage of the database stops the check.
    """
    with archive.reading() as connection:
        checks, complete = _database(connection, seconds)
        return Examination(
            (
                *checks,
                *_older(archive, connection),
                *_without_version(connection),
                *_gaps(connection),
                *_log(connection, archive.seq_in(connection)),
                *_lost_articles(connection),
                *(Defect(each, mendable=True) for each in orphans.find(connection)),
                *_forgotten(connection),
                *_files(archive, connection),
            ),
            complete,
        )


def _database(connection: Connection, seconds: float | None) -> tuple[list[Defect], bool]:
    if connection.dialect.name != "sqlite":
        return [], True  # PostgreSQL checks its own pages (data_checksums) and never lets a reference dangle
    ends_at = None if seconds is None else time.monotonic() + seconds
    structure = sqlite.check(connection, seconds)
    left = None if ends_at is None else max(0.0, ends_at - time.monotonic())
    references = sqlite.dangling_references(connection, left)
    faults = [Defect(f"The database is damaged: {problem}.", True, True) for problem in structure.problems]
    faults += [Defect(f"The database has lost rows: {problem}.", mendable=True) for problem in references.problems]
    return faults, structure.complete and references.complete


def _older(archive: Archive, connection: Connection) -> Iterator[Defect]:
    mark = read_mark(archive.home)
    if (archive.home / NAME).is_dir():
        yield Defect(f"{archive.home / NAME} is a folder, but the archive's mark needs that name. Move it away.")
    if mark and (sentence := older_than(mark, archive.identity.archive_id, archive.seq_in(connection))):
        yield Defect(f"{sentence} Put the right one back from a backup, if there is one.", mendable=True)


def _without_version(connection: Connection) -> Iterator[Defect]:
    present = select(versions.c.article_id).where(IS_CURRENT).exists()
    count = int(connection.execute(select(func.count()).select_from(articles).where(~present)).scalar_one())
    if count:
        example = connection.execute(select(articles.c.id).where(~present).limit(1)).scalar_one()
        yield Defect(f"{count} articles have lost their current version, for example {example}.", mendable=True)


def _gaps(connection: Connection) -> Iterator[Defect]:
    """Articles whose versions are not numbered from 1 to the current one: some were deleted by hand, or lost."""
    rows = connection.execute(with_gaps(MOST_ARTICLES + 1)).all()
    for row in rows[:MOST_ARTICLES]:
        kept = set(connection.execute(select(versions.c.version).where(versions.c.article_id == row.id)).scalars())
        lost = sorted(set(range(1, row.version)) - kept)  # of the current one `_without_version` says so
        if extra := sorted(number for number in kept if number > row.version):
            yield Defect(f"{row.id} has a version {extra[0]}, but {row.version} is its current one.", mendable=True)
        if lost:
            named = ", ".join(map(str, lost[:MOST_ARTICLES]))
            yield Defect(f"{row.id} has lost its version {named} of {row.version}.", mendable=True)
    if len(rows) > MOST_ARTICLES:
        yield Defect("So it is with more articles, which have lost earlier versions.", mendable=True)


def with_gaps(limit: int | None = None) -> Select[tuple[str, int]]:
    """Selects id and current version of articles that have not as many versions as the number of the current one."""
    counted = (
        select(versions.c.article_id, func.count().label("kept"), func.max(versions.c.version).label("last"))
        .group_by(versions.c.article_id)
        .subquery()
    )
    return (
        select(articles.c.id, articles.c.version)
        .join(counted, counted.c.article_id == articles.c.id)
        .where((counted.c.kept != articles.c.version) | (counted.c.last != articles.c.version))
        .order_by(articles.c.id)
        .limit(limit)
    )


def _log(connection: Connection, counter: int) -> Iterator[Defect]:
    def one(statement: Any) -> int:
        return int(connection.execute(statement).scalar_one())

    last = one(select(func.coalesce(func.max(changes.c.seq), 0)))
    logged = one(select(func.count()).select_from(changes))
    if not last == counter == logged:
        yield Defect(f"The log has {logged} changes up to {last}, but the counter is at {counter}.", mendable=True)
    unlogged = one(select(func.count()).select_from(articles).where(articles.c.seq.not_in(select(changes.c.seq))))
    if unlogged:
        yield Defect(f"{unlogged} articles point to a change that is not in the log.", mendable=True)


def _lost_articles(connection: Connection) -> Iterator[Defect]:
    lost = lost_articles(connection)
    if lost:
        yield Defect(f"{len(lost)} articles of the log are missing, for example {lost[0]}.", mendable=True)


def _forgotten(connection: Connection) -> Iterator[Defect]:
    """A forget that was cut off, and what is there although it was forgotten."""
    if forget.is_unfinished(connection):
        yield Defect(
            "A forget was cut off, so the text of its articles is not overwritten everywhere. `kliping archive forget "
            "--finish` does that.",
            mendable=True,
        )
    back = forget.returned(connection)
    for count, what in (
        (len(back.articles), "articles"),
        (len(back.addresses), "addresses"),
        (len(back.pages), "pages"),
    ):
        if count:
            yield Defect(f"{count:,} {what} are there that were forgotten on purpose.", mendable=True)


# -- WARC files -------------------------------------------------------------------------------------------------------


def _files(archive: Archive, connection: Connection) -> Iterator[Defect]:
    """WARC files that are missing or cut off, and those of which the database knows nothing."""
    known = {
        row[0]: (int(row[1]), int(row[2]))
        for row in connection.execute(
            select(pages.c.warc_file, func.count(), func.max(pages.c.warc_offset + pages.c.warc_length)).group_by(
                pages.c.warc_file
            )
        )
    }
    yield from _shortened(_lost_files(archive.warc_folder, known))
    yield from _shortened(_unknown_files(connection, archive.warc_folder, known.keys()))


def _lost_files(folder: Path, known: dict[str, tuple[int, int]]) -> Iterator[Defect]:
    if folder.is_file():
        yield Defect(
            f"{folder} is a file, but the WARC files need that name. Move it away, then put the folder back from a "
            "backup."
        )
        return
    total = sum(count for count, _ in known.values())
    if known and (not folder.is_dir() or (len(known) > 1 and not any((folder / name).exists() for name in known))):
        yield Defect(
            f"All WARC files are missing from {folder}: none of the {total:,} kept pages can be read. Put the folder "
            "back from a backup. Articles stay as they are, but cannot be read again (`archive reextract`)."
        )
        return
    for name, (count, end) in sorted(known.items()):
        path = folder / name
        if not path.exists():
            yield Defect(f"{path} is missing: its {count:,} kept pages cannot be read. Put it back from a backup.")
        elif (size := path.stat().st_size) < end:
            yield Defect(
                f"{path} is cut off: it has {size:,} bytes, and its {count:,} kept pages go up to {end:,}. Put it back "
                "from a backup."
            )


def _unknown_files(connection: Connection, folder: Path, known: Any) -> Iterator[Defect]:
    for path in warc_files(folder):
        if path.name in known or is_known_run(connection, run_of_file(path.name)) or not has_page(path):
            continue
        yield Defect(f"The database does not know the pages in {path}: its rows were lost.", mendable=True)


def is_known_run(connection: Connection, run_id: str) -> bool:
    """Whether the archive has a run. Its last records may be without rows: it was killed before it saved them."""
    return connection.execute(select(runs.c.id).where(runs.c.id == run_id)).first() is not None


def _shortened(faults: Iterator[Defect]) -> Iterator[Defect]:
    """The first faults, and how many more there are."""
    found = list(faults)
    yield from found[:MOST_FILES]
    more = len(found) - MOST_FILES
    if more > 0:
        yield Defect(f"So it is with {more:,} more WARC files.", mendable=found[0].mendable)
