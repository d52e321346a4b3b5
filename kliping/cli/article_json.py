"""An article as JSON, with its place in the archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.articles import StoredArticle, Version
    from archive.families.members import StoryFamily


def as_json(stored: StoredArticle, versions: Sequence[Version], family: StoryFamily | None = None) -> dict[str, Any]:
    """The object of `show --json`: the article with its version, `seq`, status, history, and the copies in its family
    (null: there is none)."""
    return stored.as_json() | {
        "copies": family.as_json() if family else None,
        "versions": [
            {
                "version": each.version,
                "content_hash": each.content_hash,
                "fetched_at": each.fetched_at.isoformat() if each.fetched_at else None,
                "saved_at": each.saved_at.isoformat(),
                "run": each.run_id,
                "reader": each.reader,
                "warc": {"file": each.page[0], "offset": each.page[1]} if each.page else None,
            }
            for each in versions
        ],
    }
