"""The fields of `kliping search --fields`: those of a hit, and all others of its article, from the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any

from archive.records import Article
from indexer.queries import Hit
from kliping.cli import context

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

HIT_FIELDS = tuple(Hit("", None, "", "", "", None, {}).as_json())
"""What the index has of an article, and says without the archive."""
ARCHIVE_FIELDS = (
    *("lede", *(each.name for each in fields(Article) if each.name not in HIT_FIELDS)),
    *("version", "seq", "status", "first_saved", "last_saved", "last_seen"),
)
"""What the archive has besides, as `kliping show --json` prints it."""
ALL = "all"
_BATCH = 200


def chosen(text: str) -> tuple[str, ...]:
    """The fields that `--fields` names, in its order. Exits with status 2 if it names none, or one that is unknown."""
    known = (*HIT_FIELDS, *ARCHIVE_FIELDS)
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    if names == (ALL,):
        return known
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        similar = get_close_matches(unknown[0], known, n=1) if unknown else []
        problem = f"--fields cannot have {unknown[0]!r}." if unknown else "--fields names no field."
        meant = f" Did you mean {similar[0]}?" if similar else ""
        context.fail(f"{problem}{meant} The fields are {', '.join(known)}; or all of them: {ALL}.")
    return names


def with_fields(settings: Settings, hits: Iterable[Hit], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each hit as a record of these fields. An article that the archive no longer has is null in its fields there.

    Exits with status 2 if fields of the archive are asked for and there is no archive.
    """
    missing = [name for name in names if name in ARCHIVE_FIELDS]
    if not missing:
        return (_record(hit, {}, names) for hit in hits)
    if settings.database_url is None and not (settings.home / "archive.sqlite3").exists():
        context.fail(
            f"Only an archive has {', '.join(missing)}, and there is none in {settings.home}. Set KLIPING_HOME or "
            f"KLIPING_DATABASE_URL to the archive of this index. The index itself has {', '.join(HIT_FIELDS)}."
        )
    return _from_archive(settings, iter(hits), names)


def _from_archive(settings: Settings, hits: Iterator[Hit], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    with context.archive(settings) as archive:
        while batch := list(islice(hits, _BATCH)):
            stored = _stored(archive, batch)
            for hit in batch:
                yield _record(hit, stored.get(hit.id, {}), names)


def _stored(archive: Archive, hits: Sequence[Hit]) -> dict[str, dict[str, Any]]:
    from archive.finding import find_all  # SQLAlchemy takes 0.4 s, which fields of the index do not need

    with archive.reading() as connection:
        return {key: each.as_json() for key, each in find_all(connection, [hit.id for hit in hits]).items()}


def _record(hit: Hit, stored: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    own = hit.as_json()
    record = {name: own[name] if name in HIT_FIELDS else stored.get(name) for name in names}
    return record if hit.explanation is None else record | {"explanation": hit.explanation}
