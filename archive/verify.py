"""Checks the archive: each page row leads to a record with the right digest, and each version can be read."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select

from archive.database import Archive
from archive.records import Article
from archive.tables import articles, changes, counters, pages, versions
from archive.warc.pages import StoredRecord
from archive.warc.reading import BadRecordError, load_page


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How much was read, and one sentence per error."""

    pages: int
    versions: int
    wrong: tuple[str, ...]


def verify(archive: Archive) -> VerifyReport:
    """Read all pages and versions, and compare the log with its counter."""
    wrong: list[str] = []
    read = 0
    with archive.reading() as connection:
        for row in connection.execute(select(pages).order_by(pages.c.warc_file, pages.c.warc_offset)):
            read += 1
            try:
                page = load_page(archive.warc_folder, StoredRecord(row.warc_file, row.warc_offset, row.warc_length))
            except BadRecordError as error:
                wrong.append(f"The stored page of {row.url} cannot be read: {error}.")
                continue
            if page.url != row.url:
                wrong.append(f"The stored page at {row.warc_file}:{row.warc_offset} is {page.url}, not {row.url}.")
        count = 0
        known = select(versions.c.article_id, versions.c.version, versions.c.content_hash)
        text = cast(versions.c.record, Text).label("record")
        for row in connection.execute(known.add_columns(text).order_by(versions.c.article_id, versions.c.version)):
            count += 1
            try:
                digest = Article.from_json(json.loads(row.record)).content_hash
            except (ValueError, TypeError, KeyError, AttributeError) as error:  # whatever the record contains
                wrong.append(f"Version {row.version} of {row.article_id} cannot be read: {error}.")
                continue
            if digest != row.content_hash:
                wrong.append(f"Version {row.version} of {row.article_id} does not match its content hash.")
        last = connection.execute(select(func.coalesce(func.max(changes.c.seq), 0))).scalar_one()
        logged = connection.execute(select(func.count()).select_from(changes)).scalar_one()
        counter = connection.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar_one()
        if not last == counter == logged:
            wrong.append(f"The log has {logged} changes up to {last}, but the counter is at {counter}.")
        unlogged = connection.execute(
            select(func.count()).select_from(articles).where(articles.c.seq.not_in(select(changes.c.seq)))
        ).scalar_one()
        if unlogged:
            wrong.append(f"{unlogged} articles point to a change that is not in the log.")
    return VerifyReport(read, count, tuple(wrong))
