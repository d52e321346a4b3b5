"""Which column of another scraper's export is which field: guessed by name, printed, and overridden with --column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lexicon.credits import WORDS

FIELDS: dict[str, tuple[str, ...]] = {
    "url": tuple(
        "url link article_url news_url news_link article_link url_berita link_berita source_url permalink href address "
        "alamat tautan canonical_link canonical_url html_responded_url html_requested_url responded_url requested_url "
        "main_entity_of_page page_url".split()
    ),
    "title": tuple(
        "title judul headline judul_berita judul_artikel news_title article_title post_title heading title_page "
        "title_rss".split()
    ),
    "body": tuple(
        "maintext main_text article_body body content isi text konten article isi_berita article_text full_text "
        "content_text news_content post_content full_content isi_konten teks plaintext raw_text".split()
    ),
    "published": tuple(
        "published_at published publish_date date_published published_date publication_date pubdate pub_date "
        "date_publish publishing_date published_time article_published_time publish_time published_on post_date "
        "news_date date tanggal tanggal_terbit tanggal_publikasi tanggal_berita tgl tgl_terbit waktu_terbit datetime "
        "waktu".split()
    ),
    "author": WORDS["author_fields"],
    "editor": WORDS["editor_fields"],
    "section": tuple("section category article_section categories kategori kanal rubrik news_category".split()),
    "tags": tuple("tags tag keywords meta_keywords kata_kunci topics".split()),
    "image": tuple("image image_url top_image lead_image main_image img thumbnail gambar foto".split()),
    "caption": tuple("caption image_caption keterangan_foto".split()),
    "source": tuple(
        "source sumber media publisher portal website situs source_domain source_hostname hostname site_name "
        "nama_media".split()
    ),
    "fetched_at": tuple(
        "fetched_at crawled_at scraped_at retrieved_at date_download download_date crawl_date crawl_time scrape_date "
        "scrape_time html_crawl_date".split()
    ),
}
"""Each field with the column names that exports use for it, the likeliest first: among others news-please's,
newspaper4k's, fundus's, trafilatura's, news-watch's, WordPress's and schema.org's. "timestamp" and "created_at" are not
among them: in one export they are the publication time, in another the time of scraping. "keyword" is not, because
news-watch writes there what was searched for."""

_OTHER_MEANINGS: tuple[tuple[frozenset[str], Mapping[str, str]], ...] = (
    # trafilatura's JSON: `source` is the address
    (frozenset(("source", "source_hostname")), {"url": "source", "source": "source_hostname"}),
)
"""Columns that mean something else in the export of one program, which is known by its columns."""

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
    plain = {_plain(name): name for name in reversed(names)}
    meanings = next((meant for known, meant in _OTHER_MEANINGS if known <= plain.keys()), {})
    found: dict[str, str] = {}
    for field, likely in FIELDS.items():
        ranked = (meanings[field], *likely) if field in meanings else likely
        column = chosen.get(field, next((plain[name] for name in ranked if name in plain), ""))
        if column:
            found[field] = column
    for field in NEEDED:
        if field not in found:
            raise BadColumnsError(
                f"No column looks like the {field}. Name it with --column {field}=NAME, one of: {_listed(names)}."
            )
    return found


def _plain(name: str) -> str:
    """A column's name in one spelling: "Article Text", "articleText" and "article-text" are "article_text"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip("\ufeff \t\"'"))
    return re.sub(r"[\W_]+", "_", words.casefold()).strip("_")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:30])
    return shown + (", …" if len(names) > 30 else "")
