"""Which column of another scraper's export is which field: guessed by name, printed, and overridden with --column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lexicon.credits import WORDS

FIELDS: dict[str, tuple[str, ...]] = {
    "url": tuple("url link article_url news_url source_url permalink href address alamat tautan".split()),
    "title": tuple("title judul headline judul_berita news_title heading".split()),
    "body": tuple(
        "body content isi text konten article isi_berita article_text full_text content_text news_content teks".split()
    ),
    "published": tuple(
        "published_at published publish_date date_published published_date publication_date pubdate pub_date date "
        "tanggal tanggal_terbit datetime waktu".split()
    ),
    "author": WORDS["author_fields"],
    "editor": WORDS["editor_fields"],
    "section": tuple("section category kategori kanal rubrik".split()),
    "tags": tuple("tags tag keywords kata_kunci".split()),
    "image": tuple("image image_url img thumbnail gambar foto".split()),
    "caption": tuple("caption image_caption keterangan_foto".split()),
    "source": tuple("source sumber media publisher portal website situs".split()),
    "fetched_at": tuple("fetched_at crawled_at scraped_at retrieved_at date_download crawl_date scrape_date".split()),
}
"""Each field with the column names that exports use for it, the likeliest first. "timestamp" and "created_at" are not
among them: in one export they are the publication time, in another the time of scraping."""

NEEDED = ("title", "body")


class BadColumnsError(Exception):
    """The columns of an export cannot be used; the message says why and what to do."""


def guess(names: Sequence[str], chosen: Mapping[str, str]) -> Mapping[str, str]:
    """Field → column for an export's column names. `chosen` overrides the guess; a field set to "" is not read.

    Raises BadColumnsError if there is no title or body, or if `chosen` names an unknown field or column.
    """
    for field, column in chosen.items():
        if field not in FIELDS:
            raise BadColumnsError(f"There is no field {field!r}. The fields are: {', '.join(FIELDS)}.")
        if column and column not in names:
            raise BadColumnsError(f"There is no column {column!r}. The columns are: {_listed(names)}.")
    plain = {re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_"): name for name in reversed(names)}
    found: dict[str, str] = {}
    for field, likely in FIELDS.items():
        column = chosen.get(field, next((plain[name] for name in likely if name in plain), ""))
        if column:
            found[field] = column
    for field in NEEDED:
        if field not in found:
            raise BadColumnsError(
                f"No column looks like the {field}. Name it with --column {field}=NAME, one of: {_listed(names)}."
            )
    return found


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:30])
    return shown + (", …" if len(names) > 30 else "")
