"""The API's articles, their versions, and families."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from archive.differences import kinds
from archive.edits import corrections_of
from archive.families.members import family_of
from archive.records import Article
from archive.versions import Version, lost_versions, versions_of
from web.access import Reading
from web.api.conditional import ConditionalRoute
from web.api.parameters import ArticleId
from web.api.shapes import ArticleAnswer, FamilyAnswer, VersionsAnswer
from web.finding import found_article
from web.holdings import Opened
from web.problems import PageError

router = APIRouter(route_class=ConditionalRoute, tags=["articles"])


@router.get("/articles/{article_id}")
def article(holdings: Opened, reader: Reading, article_id: ArticleId) -> ArticleAnswer:
    """An article in its current version."""
    with holdings.archive.reading() as connection:
        stored = found_article(connection, article_id, whole=True)
        links = corrections_of(connection, stored.article)
    record = {"corrects": None} | stored.as_json()
    record |= {"corrects_id": links.corrects_id, "corrected_by": list(links.corrected_by)}
    if not reader.full_text:
        record |= {"lede": None, "body": None}
    return ArticleAnswer.model_validate(valid(record))


@router.get("/articles/{article_id}/versions")
def versions(holdings: Opened, reader: Reading, article_id: ArticleId) -> VersionsAnswer:
    """All versions of an article, and what the publisher changed in each."""
    with holdings.archive.reading() as connection:
        stored = found_article(connection, article_id, whole=True)
        kept = versions_of(connection, stored.article.id)
        lost = list(lost_versions(connection, stored.article.id)) if len(kept) < stored.version else []
    before: Article | None = None
    records = []
    for each in kept:
        records.append(_version(each, before, full_text=reader.full_text))
        before = each.article
    return VersionsAnswer.model_validate(valid({"id": stored.article.id, "versions": records, "lost": lost}))


@router.get("/families/{family_id}")
def family(holdings: Opened, family_id: ArticleId) -> FamilyAnswer:
    """The copies of a story."""
    with holdings.archive.reading() as connection:
        found = family_of(connection, family_id)
    if found is None:
        raise PageError(404, "no_family")
    return FamilyAnswer.model_validate(valid(found.as_json()))


def _version(version: Version, before: Article | None, *, full_text: bool) -> dict[str, Any]:
    changed = kinds(before, version.article) if before and version.cause != "reread" else ()
    return {
        "version": version.version,
        "cause": version.cause,
        "first_seen": version.since,
        "fetched_at": version.fetched_at,
        "saved_at": version.saved_at,
        "content_hash": version.content_hash,
        "run": version.run_id,
        "reader": version.reader,
        "title": version.article.title,
        "published_at": version.article.published_at.isoformat(),
        "body": list(version.article.body) if full_text else None,
        "changed": [str(kind) for kind in changed],
    }


def valid(value: Any) -> Any:
    """A value whose texts are valid Unicode: halves of surrogate pairs, which JSON of UTF-8 cannot hold, are U+FFFD."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not value.isascii() else value
        case dict():
            return {valid(name): valid(each) for name, each in value.items()}
        case list() | tuple():
            return [valid(each) for each in value]
        case _:
            return value
