"""Re-extraction: today's readers run again over the kept pages. Nothing is fetched, and the pages do not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sources
from archive import ending, flag_counts, rereadings, runs
from archive.database import Archive, SavingTransaction
from archive.deadline import PAGE_SECONDS, page_deadline
from archive.flag_counts import FlagCount
from archive.identity import article_id
from archive.outcomes import HARVEST
from archive.records import GENERIC, Article, Rejected
from archive.rereadings import RereadTarget, reread_targets, save_rereading
from archive.run import Run
from archive.runs import RecordOutcome, Verdict
from archive.same_story import FIRST_PAGE_ONLY
from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord
from archive.warc.reading import BadRecordError, load_page
from ingest.export_file import reread_row
from ingest.pool import ReaderPool
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


@dataclass(frozen=True, slots=True)
class ReextractReport:
    """Result of a re-extraction: articles by outcome, and how many changed in which field."""

    run_id: str
    outcomes: Counter[str]
    fields: Counter[str]
    problems: list[tuple[str, str, str | None]]
    """Address, outcome and detail of the first SHOWN that could not be read again; they stay as they were."""
    flags: list[FlagCount] = field(default_factory=list)
    """The flags of the articles read again, by source."""

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
) -> ReextractReport:
    """Read every article again, or those of one source, and save what changed. Safe to run twice.

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
    report = ReextractReport(run.id, Counter(), Counter(), [])
    with run:
        for results in _results(archive, readers, source):
            with run.saving() as saving:
                ended = [_save(saving, each, run.id, report.fields) for each in results]
                runs.write_outcomes(saving.connection, run.id, ended)
                read = zip(results, ended, strict=True)
                saved = [result.article for result, each in read if result.article and each.outcome in HARVEST]
                flag_counts.count(saving.connection, run.id, saved)
            report.outcomes.update(each.outcome for each in ended)
            bad = [(each.address, each.outcome, each.detail) for each in ended if each.outcome.startswith(_UNREAD)]
            report.problems.extend(bad[: SHOWN - len(report.problems)])
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


def _results(archive: Archive, readers: ReaderPool, source: str | None) -> Iterator[Sequence[RereadResult]]:
    folder = str(archive.warc_folder)
    tasks = (RereadTask(reread, (folder, tuple(chunk))) for chunk in reread_targets(archive, source, CHUNK))
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


def _save(saving: SavingTransaction, result: RereadResult, run_id: str, fields: Counter[str]) -> RecordOutcome:
    kept = result.kept
    if result.article is None:
        assert result.outcome is not None  # a result has an article or an outcome
        return RecordOutcome(kept.article_id, kept.url, result.outcome, result.detail, kept.article_id)
    article = result.article
    source = _source(kept)
    if article.id != kept.article_id:  # an id never changes; see archive.same_story.settle_identity for both cases
        own_address = article_id(kept.url) == kept.article_id
        article = replace(article, id=kept.article_id, url=kept.url if own_address else article.url)
    changed = save_rereading(
        saving,
        kept,
        article,
        run_id=run_id,
        reader=READER,
        now=datetime.now(UTC),
        zone=ZoneInfo(source.zone) if source else None,
    )
    if changed is None:
        detail = "it was fetched again in the meantime"
        return RecordOutcome(kept.article_id, kept.url, "skipped:newer", detail, kept.article_id)
    fields.update(changed)
    outcome = "updated" if changed else "unchanged"
    return RecordOutcome(kept.article_id, kept.url, outcome, None, kept.article_id)
