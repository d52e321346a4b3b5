"""Re-extraction: today's readers run again over the kept pages. Nothing is fetched, and the pages do not change."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

import sources
from archive import ending, flag_counts, rereadings, runs
from archive.addresses import READER_DIED
from archive.database import Archive, SavingTransaction
from archive.deadline import PAGE_SECONDS, page_deadline
from archive.flag_counts import FlagCount
from archive.identity import article_id
from archive.outcomes import HARVEST
from archive.records import GENERIC, Article, Rejected
from archive.rereadings import FieldChanges, RereadTarget, reread_targets, save_rereading
from archive.run import Run
from archive.runs import RecordOutcome, Verdict
from archive.same_story import FIRST_PAGE_ONLY
from archive.tombstones import FORGOTTEN, NO_ADDRESS
from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord
from archive.warc.reading import BadRecordError, load_page
from ingest.export_file import reread_row
from ingest.pool import Read, ReaderDiedError, ReaderPool
from ingest.publishers import publisher_of
from ingest.read_tasks import ReadRecord
from reading.article import normalise
from reading.extract.clipping import read_clipping
from reading.extract.multi_page import join_pages, next_page
from reading.extract.page import extract
from reading.extract.raw import RawArticle
from reading.version import READER
from sources.definition import Source

LEASE = "reextract"
SOURCE = "reextract"
SHOWN = 100
_UNREAD = ("rejected:", "error:")
SAMPLED = 5
"""Articles that are shown for each changed field."""
CHUNK = 50
"""Articles in one task and one transaction."""


@dataclass(frozen=True, slots=True)
class RereadResult:
    """Result of re-reading one article: the article, or the outcome if it could not be read.

    `further` is the URL of its next page, which has not been read yet.
    """

    kept: RereadTarget
    article: Article | None = None
    outcome: str | None = None
    detail: str | None = None
    further: str | None = None


@dataclass(frozen=True, slots=True)
class RereadTask:
    """Articles for one process to read again."""

    function: Callable[..., tuple[RereadResult, ...]]
    arguments: tuple[Any, ...]

    def in_parts(self, read: Read) -> tuple[RereadResult, ...]:
        """See `Task.in_parts`: each article is read alone."""
        folder, kept, *further = self.arguments
        results: list[RereadResult] = []
        for each in kept:
            try:
                results += read(RereadTask(self.function, (folder, (each,), *further)))
            except ReaderDiedError as died:
                results.append(RereadResult(each, outcome=READER_DIED, detail=str(died)))
        return tuple(results)


@dataclass(frozen=True, slots=True)
class FieldSample:
    """A field of an article that was read differently: its values before and after, as in the article's JSON."""

    article_id: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ReextractReport:
    """Result of a re-extraction: articles by outcome, and how many changed in which field.

    `run_id` is None for a dry run, whose outcomes are what a run would have. `samples` are SAMPLED articles for each
    changed field, drawn evenly.
    """

    run_id: str | None
    outcomes: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Address, outcome and detail of the first SHOWN that could not be read again; they stay as they were."""
    flags: list[FlagCount] = field(default_factory=list)
    """The flags of the articles read again, by source."""
    samples: dict[str, list[FieldSample]] = field(default_factory=dict)
    draw: random.Random = field(default_factory=lambda: random.Random(0), repr=False)

    def add(self, ended: Sequence[RecordOutcome]) -> None:
        """Count outcomes, and keep the first of those that could not be read."""
        self.outcomes.update(each.outcome for each in ended)
        bad = [(each.address, each.outcome, each.detail) for each in ended if each.outcome.startswith(_UNREAD)]
        self.problems.extend(bad[: SHOWN - len(self.problems)])

    def add_changes(self, article_id: str, changed: FieldChanges) -> None:
        """Count the changed fields of an article, and perhaps take it as a sample of each."""
        self.fields.update(list(changed))
        for name, (before, after) in changed.items():
            kept = self.samples.setdefault(name, [])
            place = len(kept) if len(kept) < SAMPLED else self.draw.randrange(self.fields[name])
            if place < SAMPLED:
                kept[place : place + 1] = [FieldSample(article_id, before, after)]

    @property
    def verdict(self) -> Verdict:
        """The run needs attention if an article could not be read again."""
        unread = sum(count for name, count in self.outcomes.items() if name.startswith(_UNREAD))
        if not unread:
            return Verdict("good", None)
        return Verdict("attention", f"{unread} articles could not be read again, and stay as they were.")


def reread(
    folder: str, kept: tuple[RereadTarget, ...], further: tuple[StoredRecord, ...] = ()
) -> tuple[RereadResult, ...]:
    """Read articles from their pages in a folder of WARC files. `further` are later pages, of a single article."""
    return tuple(_reread(Path(folder), each, further) for each in kept)


def _reread(folder: Path, kept: RereadTarget, further: Sequence[StoredRecord]) -> RereadResult:
    try:
        page, *others = (load_page(folder, stored) for stored in (kept.stored, *further))
        with page_deadline(PAGE_SECONDS * (1 + len(others))):
            return _read(kept, page, others)
    except Rejected as rejected:
        return RereadResult(kept, outcome=rejected.outcome, detail=rejected.detail)
    except BadRecordError as error:
        return RereadResult(kept, outcome="error:unreadable-page", detail=str(error))


def _read(kept: RereadTarget, page: FetchedPage, others: Sequence[FetchedPage]) -> RereadResult:
    if page.content_type == EXPORT_ROW:
        blank = ReadRecord(place="", address=kept.url, cursor=None)
        return RereadResult(kept, reread_row(page.content, blank).article)
    if kept.url.startswith("urn:"):
        raw = read_clipping(page.content)
        return RereadResult(kept, normalise(raw, source=None, url=None, fetched_at=kept.fetched_at))
    source = _source(kept)
    raws = [_extract(each, source) for each in (page, *others)]
    raw = join_pages(raws[0], raws[1:])
    following = next_page(raws[-1], {each.url for each in (page, *others)})
    article = normalise(raw, source=source, url=page.url, fetched_at=kept.fetched_at)
    return RereadResult(kept, article, further=following)


def _extract(page: FetchedPage, source: Source | None) -> RawArticle:
    return extract(page.content, url=page.url, content_type=page.content_type, source=source)


def _source(kept: RereadTarget) -> Source | None:
    """The article's source. An article that was read without a source file gets the one added since, if any."""
    if kept.source != GENERIC and kept.source in sources.names():
        return sources.load(kept.source)
    return publisher_of(kept.url)


def reextract(
    archive: Archive,
    readers: ReaderPool,
    *,
    source: str | None,
    lease_seconds: float,
    report_progress: Callable[[int], None],
    since: datetime | None = None,
) -> ReextractReport:
    """Read every article again, or those of one source, and save what changed. Safe to run twice.

    With `since`, only the pages fetched at that moment or later are read.

    An article that today's readers reject, or whose page is damaged, stays as it is. `report_progress` is called with
    the number of articles read so far. Ends early if the process is asked to end. Raises LeaseHeldError if another
    process re-extracts, and LeaseLostError.
    """
    now = datetime.now(UTC)
    run = Run.begin(
        archive,
        runs.new_id(SOURCE, now),
        source=SOURCE,
        kind=SOURCE,
        lease=LEASE,
        lease_seconds=lease_seconds,
        now=now,
        closes=(SOURCE,),
    )
    report = ReextractReport(run.id)
    with run:
        for results in _results(archive, readers, source, since):
            with run.saving() as saving:
                ended = [_save(saving, each, run.id, report) for each in results]
                runs.write_outcomes(saving.connection, run.id, ended)
                read = zip(results, ended, strict=True)
                saved = [result.article for result, each in read if result.article and each.outcome in HARVEST]
                flag_counts.count(saving.connection, run.id, saved)
            report.add(ended)
            report_progress(report.outcomes.total())
            if ending.asked():
                break
        stopped = (
            Verdict("attention", "It was asked to end, and did not read every article.") if ending.asked() else None
        )
        run.finish(stopped or report.verdict, listed=report.outcomes.total())
    with archive.reading() as connection:
        report.flags.extend(flag_counts.of_run(connection, run.id))
    return report


def dry_run(
    archive: Archive,
    readers: ReaderPool,
    *,
    source: str | None,
    since: datetime | None,
    report_progress: Callable[[int], None],
) -> ReextractReport:
    """Read every article again as `reextract` does, and write nothing: what would change."""
    report = ReextractReport(None)
    for results in _results(archive, readers, source, since):
        with archive.reading() as connection:
            report.add([_compare(connection, each, report) for each in results])
        report_progress(report.outcomes.total())
        if ending.asked():
            break
    return report


def _compare(connection: Connection, result: RereadResult, report: ReextractReport) -> RecordOutcome:
    kept = result.kept
    if result.article is None:
        return _unread(connection, result)
    return _ended(
        connection, kept, rereadings.would_change(connection, kept, _with_its_id(kept, result.article)), report
    )


def _unread(connection: Connection, result: RereadResult) -> RecordOutcome:
    kept = result.kept
    assert result.outcome is not None  # a result has an article or an outcome
    if rereadings.was_forgotten(connection, kept):  # its page was taken away while it was being read
        return _gone(kept)
    return RecordOutcome(kept.article_id, kept.url, result.outcome, result.detail, kept.article_id)


def _gone(kept: RereadTarget) -> RecordOutcome:
    return RecordOutcome(kept.article_id, NO_ADDRESS, FORGOTTEN, None, kept.article_id)


def _ended(
    connection: Connection, kept: RereadTarget, changed: FieldChanges | None, report: ReextractReport
) -> RecordOutcome:
    if changed is None and rereadings.was_forgotten(connection, kept):
        return _gone(kept)
    if changed is None:
        detail = "it was fetched again in the meantime"
        return RecordOutcome(kept.article_id, kept.url, "skipped:newer", detail, kept.article_id)
    report.add_changes(kept.article_id, changed)
    return RecordOutcome(kept.article_id, kept.url, "updated" if changed else "unchanged", None, kept.article_id)


def _with_its_id(kept: RereadTarget, article: Article) -> Article:
    """The article under its old id, which never changes; see archive.same_story.settle_identity for both cases."""
    if article.id == kept.article_id:
        return article
    own_address = article_id(kept.url) == kept.article_id
    return replace(article, id=kept.article_id, url=kept.url if own_address else article.url)


def _results(
    archive: Archive, readers: ReaderPool, source: str | None, since: datetime | None
) -> Iterator[Sequence[RereadResult]]:
    folder = str(archive.warc_folder)
    chunks = reread_targets(archive, source, CHUNK, since)
    tasks = (RereadTask(reread, (folder, tuple(chunk))) for chunk in chunks)
    for _, results in readers.run_in_order(tasks):
        yield [with_all_pages(archive, readers, folder, each, set()) for each in results]


def with_all_pages(
    archive: Archive, readers: ReaderPool, folder: str, result: RereadResult, consumed: set[StoredRecord]
) -> RereadResult:
    """The result with all pages of the article, which are added to `consumed`.

    If a later page was never kept, the first page alone, flagged.
    """
    further: list[StoredRecord] = []
    while result.further is not None and result.article is not None:
        with archive.reading() as connection:
            stored = rereadings.page_of_run(connection, result.kept.run_id, result.further)
        if stored is None:
            return replace(result, article=replace(result.article, flags=(*result.article.flags, FIRST_PAGE_ONLY)))
        further.append(stored)
        consumed.add(stored)
        (result,) = readers.run(RereadTask(reread, (folder, (result.kept,), tuple(further))))
    return result


def _save(saving: SavingTransaction, result: RereadResult, run_id: str, report: ReextractReport) -> RecordOutcome:
    kept = result.kept
    if result.article is None:
        return _unread(saving.connection, result)
    source = _source(kept)
    changed = save_rereading(
        saving,
        kept,
        _with_its_id(kept, result.article),
        run_id=run_id,
        reader=READER,
        now=datetime.now(UTC),
        zone=ZoneInfo(source.zone) if source else None,
    )
    return _ended(saving.connection, kept, changed, report)
