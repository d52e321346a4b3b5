"""The readers run again over the kept pages: in any process, nothing is fetched, and the pages stay as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dateutil import tz
from sqlalchemy import Connection

import sources
from archive import imports, leases, rereadings, runs
from archive.database import Archive, SavingTransaction
from archive.identity import article_id
from archive.leases import Lease
from archive.records import GENERIC, Article, Rejected
from archive.rereadings import RereadTarget, reread_targets, save_rereading
from archive.runs import Verdict
from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord
from archive.warc.reading import BadRecordError, load_page
from ingest.captures import FIRST_PAGE_ONLY
from ingest.export_file import reread_row
from ingest.pool import Readers
from ingest.publishers import publisher_of
from ingest.readings import Reading
from reading.article import normalise
from reading.extract.clipping import read_clipping
from reading.extract.page import extract
from reading.extract.pages import join, next_page
from reading.extract.raw import RawArticle
from reading.version import READER
from sources.definition import Source

LEASE = "reextract"
SOURCE = "reextract"
SHOWN = 100
_UNREAD = ("rejected:", "error:")
CHUNK = 50
"""Articles in one unit of work and one transaction."""


class ReextractHeldError(Exception):
    """Another process re-extracts already; the message says who."""


@dataclass(frozen=True, slots=True)
class Again:
    """One article read again: the article, or the outcome by which that ended. `further` is a page still to be had."""

    kept: RereadTarget
    article: Article | None = None
    outcome: str | None = None
    detail: str | None = None
    further: str | None = None


@dataclass(frozen=True, slots=True)
class ReextractTask:
    """Articles to be read in one go."""

    read: Callable[..., tuple[Again, ...]]
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ReextractReport:
    """What a re-extraction came to: articles by outcome, and how many changed in which field."""

    run_id: str
    outcomes: Counter[str]
    fields: Counter[str]
    problems: list[tuple[str, str, str | None]]
    """Address, outcome and detail of the first SHOWN that could not be read again; they stay as they were."""


def reread(folder: str, kept: tuple[RereadTarget, ...], further: tuple[StoredRecord, ...] = ()) -> tuple[Again, ...]:
    """Read articles from their pages in a folder of WARC files; `further` pages are those of the only one given."""
    return tuple(_reread(Path(folder), each, further) for each in kept)


def _reread(folder: Path, kept: RereadTarget, further: Sequence[StoredRecord]) -> Again:
    try:
        page, *others = (load_page(folder, stored) for stored in (kept.stored, *further))
        return _read(kept, page, others)
    except Rejected as rejected:
        return Again(kept, outcome=f"rejected:{rejected.reason}", detail=rejected.detail)
    except BadRecordError as error:
        return Again(kept, outcome="error:unreadable-page", detail=str(error))


def _read(kept: RereadTarget, page: FetchedPage, others: Sequence[FetchedPage]) -> Again:
    if page.content_type == EXPORT_ROW:
        return Again(kept, reread_row(page.content, Reading(place="", address=kept.url, after=None)).article)
    if kept.url.startswith("urn:"):
        raw = read_clipping(page.content)
        return Again(kept, normalise(raw, source=None, url=None, fetched_at=kept.fetched_at))
    source = _source(kept)
    raws = [_extract(each, source) for each in (page, *others)]
    raw = join(raws[0], raws[1:])
    following = next_page(raws[-1], {each.url for each in (page, *others)})
    article = normalise(raw, source=source, url=page.url, fetched_at=kept.fetched_at)
    return Again(kept, article, further=following)


def _extract(page: FetchedPage, source: Source | None) -> RawArticle:
    return extract(page.content, url=page.url, content_type=page.content_type, source=source)


def _source(kept: RereadTarget) -> Source | None:
    """The article's own source; one that was read without a source file gets the publisher that has come since."""
    if kept.source != GENERIC and kept.source in sources.names():
        return sources.load(kept.source)
    return publisher_of(kept.url)


def reextract(
    archive: Archive,
    readers: Readers,
    *,
    source: str | None,
    lease_seconds: float,
    tell: Callable[[int], None],
) -> ReextractReport:
    """Read every article again, or one source's, and save what changed. Safe to run twice; `tell` hears how many.

    An article that today's readers refuse, or whose page is damaged, stays as it is. Raises ReextractHeldError and
    LeaseLostError.
    """
    lease = leases.acquire(archive, LEASE, seconds=lease_seconds)
    if lease is None:
        holding = leases.holder_of(archive, LEASE)
        raise ReextractHeldError(f"{holding.holder if holding else 'Another process'} re-extracts already.")
    run_id = runs.new_id(SOURCE, datetime.now(UTC))
    with leases.Heartbeat(lease):
        _begin(archive, lease, run_id)
        report = ReextractReport(run_id, Counter(), Counter(), [])
        for results in _results(archive, readers, source):
            with archive.saving() as saving:
                leases.check(saving.connection, lease)
                ended = [_save(saving, each, run_id, report.fields) for each in results]
                imports.note(saving.connection, run_id, ended)
            report.outcomes.update(each.outcome for each in ended)
            bad = [(each.address, each.outcome, each.detail) for each in ended if each.outcome.startswith(_UNREAD)]
            report.problems.extend(bad[: SHOWN - len(report.problems)])
            tell(report.outcomes.total())
        _finish(archive, lease, report)
    lease.release()
    return report


def _begin(archive: Archive, lease: Lease, run_id: str) -> None:
    now = datetime.now(UTC)
    with archive.writing() as connection:
        leases.check(connection, lease)
        _close_dead(connection, now)
        runs.begin(connection, run_id, source=SOURCE, kind=SOURCE, holder=lease.holder, lease=lease, now=now)


def _finish(archive: Archive, lease: Lease, report: ReextractReport) -> None:
    unread = sum(count for name, count in report.outcomes.items() if name.startswith(_UNREAD))
    reason = f"{unread} articles could not be read again, and stay as they were." if unread else None
    verdict = Verdict("attention" if unread else "good", reason)
    listed, now = report.outcomes.total(), datetime.now(UTC)
    with archive.writing() as connection:
        leases.check(connection, lease)
        runs.finish(connection, report.run_id, listed=listed, traffic={}, verdict=verdict, now=now)


def _close_dead(connection: Connection, now: datetime) -> None:
    # whoever holds the lease may: a run that is still open was another holder's, who died
    for dead in runs.open_runs(connection, SOURCE, (SOURCE,)):
        verdict = Verdict("failed", "Its process died before it ended.")
        runs.finish(connection, dead, listed=0, traffic={}, verdict=verdict, now=now)


def _results(archive: Archive, readers: Readers, source: str | None) -> Iterator[Sequence[Again]]:
    folder = str(archive.warc_folder)
    units = (ReextractTask(reread, (folder, tuple(chunk))) for chunk in reread_targets(archive, source, CHUNK))
    for _, results in readers.in_order(units):
        yield [_whole(archive, readers, folder, each) for each in results]


def _whole(archive: Archive, readers: Readers, folder: str, again: Again) -> Again:
    """An article with all its pages; one whose later pages were never kept is its first page alone, as before."""
    further: list[StoredRecord] = []
    while again.further is not None and again.article is not None:
        with archive.reading() as connection:
            stored = rereadings.page_of_run(connection, again.kept.run_id, again.further)
        if stored is None:
            return replace(again, article=replace(again.article, flags=(*again.article.flags, FIRST_PAGE_ONLY)))
        further.append(stored)
        (again,) = readers.one(ReextractTask(reread, (folder, (again.kept,), tuple(further))))
    return again


def _save(saving: SavingTransaction, again: Again, run_id: str, fields: Counter[str]) -> imports.RecordOutcome:
    kept = again.kept
    if again.article is None:
        assert again.outcome is not None  # a reading is the one or the other
        return imports.RecordOutcome(kept.article_id, kept.url, again.outcome, again.detail, kept.article_id)
    article = again.article
    source = _source(kept)
    if article.id != kept.article_id:  # an id once given never changes; see same_story.settle_identity for both cases
        own_address = article_id(kept.url) == kept.article_id
        article = replace(article, id=kept.article_id, url=kept.url if own_address else article.url)
    changed = save_rereading(
        saving,
        kept,
        article,
        run_id=run_id,
        reader=READER,
        now=datetime.now(UTC),
        zone=tz.gettz(source.zone) if source else None,
    )
    if changed is None:
        return imports.RecordOutcome(
            kept.article_id, kept.url, "skipped:newer", "it was fetched meanwhile", kept.article_id
        )
    fields.update(changed)
    return imports.RecordOutcome(
        kept.article_id, kept.url, "updated" if changed else "unchanged", None, kept.article_id
    )
