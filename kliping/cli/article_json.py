"""An article as JSON, with its place in the archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.articles import StoredArticle
    from archive.edits import CorrectionLinks
    from archive.families.members import StoryFamily
    from archive.versions import Version


def as_json(
    stored: StoredArticle,
    versions: Sequence[Version],
    lost: Sequence[int],
    links: CorrectionLinks,
    family: StoryFamily | None = None,
) -> dict[str, Any]:
    """The object of `show --json`: the article with its version, `seq`, status, history, and the copies in its family
    (null: there is none).

    `lost` are the numbers of versions that cannot be read, `family` are the copies of its story (null: there is none).
    """
    return stored.as_json() | {
        "copies": family.as_json() if family else None,
        "versions": [
            {
                "version": each.version,
                "cause": each.cause,
                "first_seen": each.since.isoformat() if each.since else None,
                "content_hash": each.content_hash,
                "fetched_at": each.fetched_at.isoformat() if each.fetched_at else None,
                "saved_at": each.saved_at.isoformat(),
                "run": each.run_id,
                "reader": each.reader,
                "warc": {"file": each.page[0], "offset": each.page[1]} if each.page else None,
            }
            for each in versions
        ],
        "lost_versions": list(lost),
        "corrects_id": links.corrects_id,
        "corrected_by": list(links.corrected_by),
    }
