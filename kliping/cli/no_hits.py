"""Why a search found nothing, where the index cannot know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kliping.config import Settings


def why_nothing(settings: Settings) -> str | None:
    """A sentence if the archive has no articles yet; else None, and the notes of the search tell what to try next."""
    if settings.database_url is None and not (settings.home / "archive.sqlite3").exists():
        return None  # the index is shared, and its archive is elsewhere
    # SQLAlchemy takes 0.4 s, which a search with hits does not need
    from archive.articles import count_archive
    from kliping.cli import context

    with context.archive(settings) as archive:
        if next(iter(count_archive(archive).by_source), None) is None:
            return f"The archive in {settings.home} is empty."
    return None
