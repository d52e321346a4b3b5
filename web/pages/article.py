"""An article's pages: its text and what is known of it, its versions, its copies, its kept page, its citation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy import select

from archive.edits import corrections_of
from archive.export.citations import bibtex, csl_json, ris
from archive.families.differences import differences
from archive.families.members import family_of
from archive.finding import find_all
from archive.flags import sentence_of
from archive.tables import pages, versions
from archive.versions import lost_versions, versions_of
from archive.warc.pages import StoredRecord
from archive.warc.reading import BadRecordError, load_page
from indexer.contract import SearchError
from indexer.queries import Hit
from indexer.related import related
from reading.extract.charset import decode
from web.access import OwnerReading, Reading
from web.articles import (
    body_of,
    change_between,
    citation,
    differences_in_words,
    exported,
    rows_of,
    search_of_day,
    side_by_side,
    steps,
)
from web.choosing import chosen
from web.finding import found_article
from web.holdings import Holdings, Opened
from web.problems import PageError
from web.rendering import page, wording_of
from web.untrusted import file_name

router = APIRouter(include_in_schema=False, prefix="/article/{article_id}")
RELATED = 6
MOST_PAGE_CHARACTERS = 5_000_000
_CITATIONS = {"bib": "application/x-bibtex", "ris": "application/x-research-info-systems", "json": "application/json"}


@router.get("")
def article(request: Request, holdings: Opened, reader: Reading, article_id: str) -> Response:
    """The article itself."""
    words = wording_of(request)
    with holdings.archive.reading() as connection:
        stored = found_article(connection, article_id)
        found = stored.article
        if found.id != article_id:
            return RedirectResponse(f"/article/{found.id}", 307)
        kept = versions_of(connection, found.id)
        links = corrections_of(connection, found)
        ids = [*([links.corrects_id] if links.corrects_id else []), *links.corrected_by]
        others = find_all(connection, ids)
        family = family_of(connection, stored.family) if stored.family else None
    paragraphs, cut = body_of(found, full_text=reader.full_text)
    values = {
        "stored": stored,
        "article": found,
        "publisher": holdings.title_of(found.source),
        "title_of": holdings.title_of,
        "rows": list(rows_of(found, words)),
        "paragraphs": paragraphs,
        "cut": cut,
        "lost": [] if len(kept) == stored.version else _lost(holdings, found.id),
        "steps": list(reversed(steps(kept))),
        "corrects": others.get(links.corrects_id or ""),
        "corrected_by": [others[each] for each in links.corrected_by if each in others],
        "family": family,
        "in_words": lambda each: differences_in_words(each, words) if each else words("copies.first"),
        "flags": [(flag, words.known(f"flags.{flag}", sentence_of(flag) or flag)) for flag in found.flags],
        "mentioned": [(each, search_of_day(each)) for each in found.mentioned_dates],
        "related": _related(holdings, found.id),
        "citation": citation(stored, holdings.title_of(found.source), words, holdings.settings.zone),
        "has_page": any(each.page for each in kept),
        "zone": holdings.settings.zone,
    }
    return page(request, "article.html", values)


def _lost(holdings: Holdings, article_id: str) -> list[int]:
    with holdings.archive.reading() as connection:
        return list(lost_versions(connection, article_id))


def _related(holdings: Holdings, article_id: str) -> tuple[Hit, ...] | None:
    """The articles most like it; None while the index cannot be searched."""
    try:
        return related(holdings.index, article_id, RELATED, highlights=False)
    except SearchError:
        return None


@router.get("/versions")
def article_versions(
    request: Request, holdings: Opened, _: OwnerReading, article_id: str, a: str = "", b: str = ""
) -> Response:
    """What changed between two versions, word by word: the last two, if none are named."""
    with holdings.archive.reading() as connection:
        stored = found_article(connection, article_id)
        kept = versions_of(connection, stored.article.id)
    by_number = {each.version: each for each in kept}
    numbers = sorted(by_number)
    if len(numbers) < 2:
        raise PageError(404, "one_version")
    later = int(chosen("b", b, numbers) or numbers[-1])
    earlier = int(chosen("a", a, numbers) or max((each for each in numbers if each < later), default=numbers[0]))
    values = {
        "stored": stored,
        "article": stored.article,
        "numbers": numbers,
        "change": change_between(by_number[earlier], by_number[later]),
        "zone": holdings.settings.zone,
        "publisher": holdings.title_of(stored.article.source),
    }
    return page(request, "versions.html", values)


@router.get("/copies/{other_id}")
def article_copies(request: Request, holdings: Opened, _: OwnerReading, article_id: str, other_id: str) -> Response:
    """Two copies of a story side by side."""
    with holdings.archive.reading() as connection:
        one, other = found_article(connection, article_id), found_article(connection, other_id)
    left, right = side_by_side(one.article, other.article)
    values = {
        "sides": [(one.article, left, "-"), (other.article, right, "+")],
        "title_of": holdings.title_of,
        "in_words": differences_in_words(differences(one.article, other.article), wording_of(request)),
    }
    return page(request, "copies.html", values)


@router.get("/page")
def kept_page(holdings: Opened, _: OwnerReading, article_id: str, version: str = "") -> Response:
    """The kept page of a version as plain text: its source, as the publisher sent it."""
    with holdings.archive.reading() as connection:
        stored = found_article(connection, article_id)
        rows = connection.execute(
            select(versions.c.version, pages.c.warc_file, pages.c.warc_offset, pages.c.warc_length)
            .outerjoin(pages, versions.c.page_id == pages.c.id)
            .where(versions.c.article_id == stored.article.id)
            .order_by(versions.c.version)
        )
        places = {str(number): place for number, *place in rows}
    place = places.get(chosen("version", version, places) or str(stored.version))
    if not place or place[0] is None:
        raise PageError(404, "no_page")
    try:
        fetched = load_page(holdings.archive.warc_folder, StoredRecord(*place))
    except BadRecordError as error:
        raise PageError(503, "lost_page", detail=f"{error}.") from error
    text = decode(fetched.content, fetched.content_type)
    valid = text[:MOST_PAGE_CHARACTERS].encode("utf-8", "replace")
    return Response(valid, media_type="text/plain; charset=utf-8")


@router.get("/cite.{form}")
def cite(holdings: Opened, reader: Reading, article_id: str, form: str) -> Response:
    """The article as an entry of a bibliography: BibTeX, RIS or CSL-JSON; with its lede for the owner only."""
    if form not in _CITATIONS:
        raise PageError(404, "not_found")
    with holdings.archive.reading() as connection:
        stored = found_article(connection, article_id)
    if not reader.full_text:
        stored = replace(stored, article=replace(stored.article, body=()))
    row = exported(stored)
    made: dict[str, Any] = {
        "bib": lambda: bibtex(row, holdings.titles).strip() + "\n",
        "ris": lambda: ris(row, holdings.titles),
        "json": lambda: json.dumps([csl_json(row, holdings.titles)], ensure_ascii=False, indent=1) + "\n",
    }
    name = file_name(row.article.title, f".{form}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse(made[form](), headers=headers, media_type=f"{_CITATIONS[form]}; charset=utf-8")
