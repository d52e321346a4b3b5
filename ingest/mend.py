"""Mends an archive whose database has lost rows: the kept pages are read again, and nothing is fetched.

What only the database held is lost with it: earlier readings of a page, reports of runs, which sources are on, whether
a publisher has withdrawn an article. The pages, the times of their fetches and the articles in them are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, delete, select, update

from archive import addresses, changes, ending, flag_counts, runs
from archive.addresses import ImportedAddress
from archive.articles import save_article
from archive.database import Archive, SavingTransaction
from archive.forget import finish as finish_forgetting
from archive.identity import BadAddressError, canonical_key, part_number
from archive.integrity import with_gaps
from archive.mark import older_than, read_mark, warc_files
from archive.outcomes import HARVEST
from archive.pages import add_pages
from archive.records import GENERIC, PAGE_STATUSES, Article, ChangeKind
from archive.rereadings import RereadTarget
from archive.resolve import resolve_article
from archive.run import Run
from archive.runs import RecordOutcome, Verdict
from archive.salvage import is_log_whole, rewrite_log, settle_references
from archive.tables import addresses as addresses_table
from archive.tables import articles, outcomes, pages, versions
from archive.tombstones import FORGOTTEN, NO_ADDRESS, Forgotten, bury_address, key_of
from archive.verify import problem_of_version
from archive.versions import RECORD_TEXT
from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord
from archive.warc.reading import BadRecordError, load_page
from archive.warc.unreferenced import run_of_file, unreferenced_pages
from ingest.pool import ReaderPool
from ingest.publishers import publisher_of
from ingest.reextract import CHUNK, LEASE, RereadResult, RereadTask, reread, with_all_pages
from ingest.reextract import SOURCE as KIND
from reading.version import READER
from sources.definition import Source

SOURCE = "mend"


@dataclass(frozen=True, slots=True)
class MendReport:
    """What a mend did: kept pages that have rows again, the articles read from them by outcome, versions mended.

    `new_log`: the log was written anew, so the index must be built again.
    """

    run_id: str
    rows: int
    outcomes: Counter[str]
    versions: int
    new_log: bool
    problems: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Address, outcome and detail of the pages that gave no article."""


@dataclass(frozen=True, slots=True)
class _RowlessPage:
    """A page in a WARC file without a row. `is_row`: it is the row of an export."""

    stored: StoredRecord
    page: FetchedPage
    is_row: bool


def mend(
    archive: Archive, readers: ReaderPool, *, lease_seconds: float, report_progress: Callable[[int, int], None]
) -> MendReport:
    """Give rows to all kept pages, and articles to those that show one. Safe to kill and to run twice.

    Raises LeaseHeldError if another process mends or re-extracts, LeaseLostError, and OSError.
    """
    now = datetime.now(UTC)
    run = Run.begin(
        archive,
        runs.new_id(SOURCE, now),
        source=SOURCE,
        kind=KIND,
        lease=LEASE,
        lease_seconds=lease_seconds,
        now=now,
        closes=(KIND,),
    )
    with run:
        with archive.reading() as connection:  # before their gaps are closed
            shortened = [row.id for row in connection.execute(with_gaps())]
        new_log = _settle(run, now)
        mended = _mend_versions(run, readers)
        counts: Counter[str] = Counter()
        problems: list[tuple[str, str, str | None]] = []
        found = _rowless_pages(archive)
        targets = [*_lost_articles(archive, shortened), *_add_rows(run, found)]
        for ended in _read(run, readers, sorted(targets, key=_fetched_at)):
            counts.update(each.outcome for each in ended)
            problems += [(each.address, each.outcome, each.detail) for each in ended if each.outcome not in HARVEST]
            report_progress(counts.total(), len(targets))
            if ending.asked():
                break  # the next mend finds what is left
        if not ending.asked():
            finish_forgetting(archive, lease_seconds=lease_seconds)
        left = Verdict("attention", "It was asked to end; the next mend goes on.") if ending.asked() else None
        run.finish(left or Verdict("good", None), listed=counts.total())
    return MendReport(run.id, len(found), counts, mended, new_log, problems)


def _settle(run: Run, now: datetime) -> bool:
    """Let the rows agree that are there. Returns whether the log had to be written anew.

    It is, in a new epoch, also for an older copy of the database: indexes know changes that this log lacks.
    """
    mark, archive = read_mark(run.archive.home), run.archive
    replaced = mark is not None and older_than(mark, archive.identity.archive_id, archive.last_seq()) is not None
    with run.saving() as saving:
        for article_id in settle_references(saving.connection, now):
            saving.record_change(article_id, ChangeKind.VERSION)
        anew = replaced or not is_log_whole(saving.connection)
        if anew:
            rewrite_log(saving.connection, now)
    return anew


def _fetched_at(target: RereadTarget) -> datetime:
    return target.fetched_at or datetime.min.replace(tzinfo=UTC)


# -- versions that cannot be read -------------------------------------------------------------------------------------


def _mend_versions(run: Run, readers: ReaderPool) -> int:
    """Read damaged versions again from their pages. Returns how many were mended."""
    with run.archive.reading() as connection:
        damaged = list(_damaged_versions(connection))
    mended = 0
    for target in damaged:
        (result,) = _complete(run.archive, readers, [target], set())
        if result.article is None:
            continue  # `verify` names it again
        article = replace(result.article, id=target.article_id)
        with run.saving() as saving:
            _replace_version(saving, target, article)
        mended += 1
    return mended


def _damaged_versions(connection: Connection) -> Iterator[RereadTarget]:
    rows = connection.execute(
        select(versions.c.article_id, versions.c.version, versions.c.content_hash, versions.c.fetched_at, pages)
        .add_columns(RECORD_TEXT)
        .join(pages, pages.c.id == versions.c.page_id)
    )
    for row in rows:
        if problem_of_version(row.record, row.content_hash):
            stored = StoredRecord(row.warc_file, row.warc_offset, row.warc_length)
            yield RereadTarget(row[0], row[1], row.source, row.run_id, row.url, row[3], stored)


def _replace_version(saving: SavingTransaction, target: RereadTarget, article: Article) -> None:
    digest = article.content_hash
    its = (versions.c.article_id == target.article_id) & (versions.c.version == target.version)
    saving.connection.execute(
        update(versions).where(its).values(record=article.as_json(), content_hash=digest, reader=READER)
    )
    current = update(articles).where(articles.c.id == target.article_id, articles.c.version == target.version)
    if saving.connection.execute(current.values(content_hash=digest)).rowcount:
        saving.record_change(target.article_id, ChangeKind.VERSION)


# -- pages without rows, and articles without versions ----------------------------------------------------------------


def _rowless_pages(archive: Archive) -> list[_RowlessPage]:
    """The pages in our WARC files that have no row, without their content."""
    found = []
    for path in warc_files(archive.warc_folder):
        with archive.reading() as connection:
            extents = connection.execute(
                select(pages.c.warc_offset, pages.c.warc_length).where(pages.c.warc_file == path.name)
            )
            known = [(int(row.warc_offset), int(row.warc_length)) for row in extents]
        for stored in unreferenced_pages(path, known):
            try:
                page = load_page(archive.warc_folder, stored)
            except BadRecordError:
                continue  # damaged, and nothing refers to it
            found.append(_RowlessPage(stored, replace(page, content=b""), page.content_type == EXPORT_ROW))
    return found


def _add_rows(run: Run, found: Sequence[_RowlessPage]) -> list[RereadTarget]:
    """Give the pages rows; returns those that may show an article."""
    targets = []
    for start in range(0, len(found), CHUNK):
        with run.writing() as connection:
            forgotten = Forgotten(connection)
            for each in found[start : start + CHUNK]:
                if forgotten.of_url(each.page.url) is not None:
                    continue  # `archive.forget.finish` overwrites it
                source = publisher_of(each.page.url)
                name, written_by = source.name if source else GENERIC, run_of_file(each.stored.file)
                add_pages(connection, [each.page], [each.stored], source=name, run_id=written_by)
                if each.is_row or (each.page.status in PAGE_STATUSES and not _is_later_part(each.page.url, source)):
                    targets.append(
                        RereadTarget("", 0, name, written_by, each.page.url, each.page.fetched_at, each.stored)
                    )
    return targets


def _is_later_part(url: str, source: Source | None) -> bool:
    """Whether an address is that of a later part of an article, which is read with its first part."""
    return source is not None and (part_number(url) or 1) > 1


def _lost_articles(archive: Archive, shortened: Sequence[str]) -> list[RereadTarget]:
    """The kept pages of the articles that are missing, or have lost all their versions, and of those `shortened`."""
    has_version = select(versions.c.version).where(versions.c.article_id == articles.c.id).exists()
    with archive.reading() as connection:
        few = ~has_version | articles.c.id.in_(shortened)
        lost = connection.execute(select(articles.c.id, articles.c.url).where(few)).all()
        keys = {_key(row.url or row.id) for row in lost}
        found: dict[StoredRecord, RereadTarget] = {}
        for article_id in [*(row.id for row in lost), *changes.lost(connection)]:
            known = select(addresses_table.c.key).where(addresses_table.c.article_id == article_id)
            keys.update([article_id, *connection.execute(known).scalars()])
            ended = select(outcomes.c.page_id).where(outcomes.c.article_id == article_id)
            found |= _targets(connection, pages.c.id.in_(ended))
        for key in sorted(keys):
            found |= _targets(connection, pages.c.key == key)
    return list(found.values())


def _targets(connection: Connection, condition: ColumnElement[bool]) -> dict[StoredRecord, RereadTarget]:
    targets = {}
    for row in connection.execute(select(pages).where(condition, pages.c.status.in_((0, 200)))):
        stored = StoredRecord(row.warc_file, row.warc_offset, row.warc_length)
        targets[stored] = RereadTarget("", 0, row.source, row.run_id, row.url, row.fetched_at, stored)
    return targets


def _key(url: str) -> str:
    try:
        return canonical_key(url)
    except BadAddressError:
        return url


# -- reading ----------------------------------------------------------------------------------------------------------


def _read(run: Run, readers: ReaderPool, targets: Sequence[RereadTarget]) -> Iterator[Sequence[RecordOutcome]]:
    """Read pages, in the order of their fetches, and save their articles; yields the outcomes of each batch."""
    consumed: set[StoredRecord] = set()
    folder = str(run.archive.warc_folder)
    chunks = [tuple(targets[start : start + CHUNK]) for start in range(0, len(targets), CHUNK)]
    for _, results in readers.run_in_order(RereadTask(reread, (folder, chunk)) for chunk in chunks):
        complete = [with_all_pages(run.archive, readers, folder, each, consumed) for each in results]
        with run.saving() as saving:
            ended = [_save(saving, run, each) for each in complete if each.kept.stored not in consumed]
            runs.write_outcomes(saving.connection, run.id, ended)
            saved = [each.article for each in complete if each.article and each.kept.stored not in consumed]
            flag_counts.count(saving.connection, run.id, saved)
        yield ended


def _complete(
    archive: Archive, readers: ReaderPool, targets: Sequence[RereadTarget], consumed: set[StoredRecord]
) -> list[RereadResult]:
    folder = str(archive.warc_folder)
    results: Sequence[RereadResult] = readers.run(RereadTask(reread, (folder, tuple(targets))))
    return [with_all_pages(archive, readers, folder, each, consumed) for each in results]


def _save(saving: SavingTransaction, run: Run, result: RereadResult) -> RecordOutcome:
    connection, kept, now = saving.connection, result.kept, datetime.now(UTC)
    key = f"{kept.stored.file}:{kept.stored.offset}"
    at = (pages.c.warc_file == kept.stored.file) & (pages.c.warc_offset == kept.stored.offset)
    page_id, status = connection.execute(select(pages.c.id, pages.c.status).where(at)).one()
    if result.article is None:
        assert result.outcome is not None  # a result has an article or an outcome
        return RecordOutcome(key, kept.url, result.outcome, result.detail, None, page_id)
    final = None if status == 0 or kept.url.startswith("urn:") else kept.url  # 0: the row of an export
    address = addresses.find(connection, final) if final else None
    article = resolve_article(connection, result.article, final=final, address=address) if final else result.article
    if isinstance(article, str):
        return RecordOutcome(key, kept.url, article, f"a second address of {result.article.url}", None, page_id)
    has_version = select(versions.c.version).where(versions.c.article_id == articles.c.id).exists()
    connection.execute(delete(articles).where(articles.c.id == article.id, ~has_version))
    source = publisher_of(kept.url)
    saved = save_article(
        saving,
        article,
        run_id=run.id,
        fetched_at=kept.fetched_at,
        page_id=page_id,
        reader=READER,
        now=now,
        zone=ZoneInfo(source.zone) if source else None,
    )
    if saved.outcome == FORGOTTEN:  # its own address is another one; `archive.forget.finish` removes the page
        if (gone := saving.forgotten.of_article(article)) is not None:
            bury_address(connection, gone, key_of(kept.url))
        return RecordOutcome(key, NO_ADDRESS, FORGOTTEN)
    _point_to_page(connection, article.id, kept.fetched_at, page_id)
    if final and saved.outcome in HARVEST and article.source != GENERIC:
        at_time = kept.fetched_at or now
        addresses.remember_imported(
            connection, [ImportedAddress(final, article.source, article.id, saved.outcome, at_time)], now
        )
    return RecordOutcome(key, kept.url, saved.outcome, None, article.id, page_id)


def _point_to_page(connection: Connection, article_id: str, fetched_at: datetime | None, page_id: int) -> None:
    """Let a version whose page had lost its row refer to it again."""
    of_fetch = (versions.c.article_id == article_id) & (versions.c.fetched_at == fetched_at)
    connection.execute(update(versions).where(of_fetch, versions.c.page_id.is_(None)).values(page_id=page_id))
