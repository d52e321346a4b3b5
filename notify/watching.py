"""After each follow: what is new to each watch goes into its feed and into the outbox, exactly once.

Each watch has a cursor in the archive's log. The index is asked which articles match and were changed after it, so the
cost grows with what came in. What was found, the notices and the cursor are one transaction. The cursor belongs to the
archive and not to an index: a reindex or a rollback tells nothing again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import structlog

from archive import outbox, watches
from archive.database import Archive
from archive.outbox import NewNotice, NoticeKind, Recipient
from archive.watches import Rhythm, SavedVersion, SearchWatch, WatchHit
from indexer.contract import PhysicalIndex, SearchIndex
from indexer.current import ask_current
from indexer.follow import rare_garbage_collection
from indexer.nodes import Node
from indexer.query import BadQueryError
from indexer.registry import cursor_of
from indexer.watching import watched
from notify.hours import next_day, next_hour
from notify.preferences import Preferences
from notify.sending import MOST_JOINED, MOST_SINGLE
from notify.wording import Wording

PAGE = 1_000
"""Matches that an index is asked for at once."""
MOST_HITS = 500
"""Articles that a watch tells of at once: the newest. More come from an import, or from a query that asks for all."""
IMPORTED = ("import", "backfill")
"""Kinds of runs whose articles are told only to watches that ask for imports."""
READ_AGAIN = ("reextract",)
"""Kinds of runs whose articles are told to no watch: the publisher has changed nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What was told: by how many watches, of how many articles. `problems` are those of watches that cannot be read."""

    watches: int = 0
    hits: int = 0
    problems: tuple[str, ...] = ()


def look(archive: Archive, index: SearchIndex, wishes: Preferences, now: datetime) -> WatchReport:
    """Look at everything in the index that no watch has seen. Raises SearchError, and then nothing is lost."""
    with archive.reading() as connection:
        any_known = bool(watches.all_watches(connection))
    if not any_known:
        return WatchReport()
    return ask_current(index, lambda physical: _look(archive, index, physical, wishes, now))


def _look(
    archive: Archive, index: SearchIndex, physical: PhysicalIndex | None, wishes: Preferences, now: datetime
) -> WatchReport:
    with archive.reading() as connection:
        known = watches.all_watches(connection)
    if physical is None:
        return WatchReport()
    cursor = cursor_of(archive, physical)
    epoch = archive.identity.epoch
    _begin_anew(archive, [watch for watch in known if watch.epoch != epoch], cursor, epoch)
    behind = sorted((each for each in known if each.epoch == epoch and each.cursor < cursor), key=lambda w: w.cursor)
    told, hits, problems = 0, 0, []
    for past, group in groupby(behind, key=lambda watch: watch.cursor):
        readable = {}
        for watch in group:
            try:
                readable[watch.id] = (watch, watched(watch.query, wishes.zone))
            except BadQueryError as error:
                problems.append(f"The watch {watch.id} cannot be read: {error}")
                _note_problem(archive, watch, str(error))
        roots = [root for _, root in readable.values()]
        asked = [watch for watch, _ in readable.values()]
        with rare_garbage_collection():
            answers = _changed(index, physical.name, roots, past)
            found = {watch.id: seqs for watch, seqs in zip(asked, answers, strict=True)}
            counted = _tell(archive, asked, found, past, cursor, wishes, now)
        told, hits = told + counted[0], hits + counted[1]
    return WatchReport(told, hits, tuple(problems))


def _changed(index: SearchIndex, name: str, roots: Sequence[Node], past: int) -> list[Sequence[int]]:
    """All that was changed and matches, for each query. An import may have changed more than one page of it."""
    found: list[Sequence[int]] = []
    for root, first in zip(roots, index.changed(name, roots, past=past, limit=PAGE), strict=True):
        seqs, page = list(first), first
        while len(page) == PAGE:
            page = next(index.changed(name, [root], past=past, limit=PAGE, until=page[-1]))
            seqs += page
        found.append(seqs)
    return found


def _begin_anew(archive: Archive, of_before: Sequence[SearchWatch], cursor: int, epoch: str) -> None:
    """After a mend or restore the log has other numbers: what is in it now is known, and not told again."""
    if of_before:
        log.warning("watches begin anew: the archive was mended or restored", watches=len(of_before))
        with archive.writing() as connection:
            watches.move_cursors(connection, [watch.id for watch in of_before], cursor, epoch)


def _note_problem(archive: Archive, watch: SearchWatch, problem: str) -> None:
    if watch.problem != problem:
        with archive.writing() as connection:
            watches.set_problem(connection, watch.id, problem)


def _tell(
    archive: Archive,
    asked: Sequence[SearchWatch],
    found: Mapping[int, Sequence[int]],
    past: int,
    cursor: int,
    wishes: Preferences,
    now: datetime,
) -> tuple[int, int]:
    """Write what was found, and move the cursors. Returns how many watches told something, and of how many articles."""
    with archive.reading() as connection:
        by_seq = watches.articles_changed_by(connection, sorted({seq for seqs in found.values() for seq in seqs}))
        saved = watches.saved_versions(connection, sorted(set(by_seq.values())))
    told, hits = 0, 0
    with archive.writing() as connection:
        kept = watches.present(connection, list(saved))  # an article may have been forgotten meanwhile
        saved = {article_id: version for article_id, version in saved.items() if article_id in kept}
        present = watches.cursors(connection)
        ours = [watch for watch in asked if present.get(watch.id) == past]  # else another process was faster
        candidates = {watch.id: [by_seq[seq] for seq in found[watch.id] if by_seq.get(seq) in saved] for watch in ours}
        known = watches.known_hits(connection, candidates)
        rows: dict[int, Sequence[WatchHit]] = {}
        notices: list[tuple[NewNotice, Sequence[Recipient]]] = []
        for watch in ours:
            news = [
                _hit(version, told_before, past, now)
                for version in (saved[each] for each in dict.fromkeys(candidates[watch.id]))
                if _is_news(watch, version, told_before := known.get((watch.id, version.article_id)), past)
            ]
            new = news[:MOST_HITS]
            rows[watch.id] = new
            notices += _notices(watch, new, wishes, now, more=len(news) > MOST_HITS)
            told, hits = told + bool(new), hits + len(new)
        watches.add_hits(connection, rows)
        outbox.add(connection, notices)
        watches.move_cursors(connection, [watch.id for watch in ours], cursor, ours[0].epoch if ours else "")
    return told, hits


def _is_news(watch: SearchWatch, version: SavedVersion, told: int | None, past: int) -> bool:
    """Whether a watch tells of this version: saved since, by a run that it listens to, and not told before."""
    if version.latest_seq <= past or (told is not None and told >= version.version):
        return False
    if version.run_kind in READ_AGAIN:
        return False
    return watch.imports or version.run_kind not in IMPORTED


def _hit(version: SavedVersion, told: int | None, past: int, now: datetime) -> WatchHit:
    return WatchHit(
        version.article_id,
        version.version,
        told is not None or version.first_seq <= past,
        version.title,
        version.source,
        version.url,
        version.published_at,
        now,
    )


def _notices(
    watch: SearchWatch, hits: Sequence[WatchHit], wishes: Preferences, now: datetime, *, more: bool
) -> list[tuple[NewNotice, Sequence[Recipient]]]:
    """What a watch tells: a notice for each article, the oldest first, or one for all if they are told together."""
    target = watch.recipient
    if target is None or not hits:
        return []
    to = [recipient(watch, target, wishes, now)]
    wording = Wording(wishes.language, wishes.zone)
    if watch.rhythm is Rhythm.EACH and len(hits) <= MOST_SINGLE:
        return [
            (NewNotice(kind, watch.subject, title, body, now, f"{watch.subject}:{hit.article_id}:{hit.version}"), to)
            for hit, (kind, title, body) in [(hit, _told(watch, hit, wording)) for hit in reversed(hits)]
        ]
    bodies = [_told(watch, hit, wording)[2] for hit in hits[:MOST_JOINED]]
    title, body = wording.found(watch.query, bodies, len(hits), watch.id)
    if more:
        body = f"{body}\n\n{wording.too_many(watch.query, MOST_HITS)}"
    kind = NoticeKind.CORRECTION if all(hit.corrects for hit in hits) else NoticeKind.HIT
    return [(NewNotice(kind, watch.subject, title, body, now), to)]


def _told(watch: SearchWatch, hit: WatchHit, wording: Wording) -> tuple[NoticeKind, str, str]:
    title = wording.hit_title(watch.query, hit.title, corrects=hit.corrects)
    body = wording.hit(hit.title, hit.source, hit.published_at, hit.url, corrects=hit.corrects)
    return (NoticeKind.CORRECTION if hit.corrects else NoticeKind.HIT), title, body


def recipient(watch: SearchWatch, target: str, wishes: Preferences, now: datetime) -> Recipient:
    """To whom and when a watch tells what it finds now."""
    if watch.rhythm is Rhythm.HOURLY:
        return wishes.recipient(target, next_hour(now), watch.subject)
    if watch.rhythm is Rhythm.DAILY:
        return wishes.recipient(target, next_day(now, wishes.daily_at, wishes.zone), watch.subject)
    return wishes.recipient(target, now)
