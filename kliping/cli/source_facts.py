"""What the commands about sources share: a source's facts for printing, whether it is on, and its health."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.health.report import source_health
from archive.schedules import all_schedules
from sources import DailyIndex, NewsSitemap, Sitemap

if TYPE_CHECKING:
    from archive.database import Archive
    from archive.health.report import Health
    from kliping.config import Settings
    from sources import Source

NEWSSTAND = "newsstand"


def default_on(settings: Settings) -> tuple[str, ...]:
    """The sources that are on by default: only the newsstand, and only if `fetch_from` says where it runs."""
    return (NEWSSTAND,) if "newsstand.test" in settings.fetch_from else ()


def not_running(settings: Settings, name: str) -> str | None:
    """Why a source cannot be crawled at all: the newsstand has no address of its own. None for every other source."""
    if name != NEWSSTAND or NEWSSTAND in default_on(settings):
        return None
    return f"{NEWSSTAND} is the bundled site and runs only during `kliping demo`."


def is_on(settings: Settings, archive: Archive, name: str) -> bool:
    """Whether a source may be crawled: decided by the settings, else by `sources enable`/`disable`, else by default."""
    configured = settings.of_source(name).enabled
    if configured is not None:
        return configured
    row = all_schedules(archive).get(name)
    return row.enabled if row is not None and row.enabled is not None else name in default_on(settings)


def health(archive: Archive, name: str) -> Health:
    """The source's health now."""
    return source_health(archive, name, datetime.now(UTC))


def can_backfill(settings: Settings, source: Source) -> bool:
    """Whether a backfill can find the source's past: by a daily index or a sitemap, its own or from the settings."""
    finds = source.configured_finds(settings.of_source(source.name))
    return any(isinstance(find, DailyIndex | Sitemap | NewsSitemap) for find in finds)


def facts(settings: Settings, source: Source) -> dict[str, str]:
    """A source's facts with the changes that the settings make, by their labels. Leaves out facts that are empty."""
    configured = settings.of_source(source.name)
    labelled = {
        "source": f"{source.name}, {source.title}",
        "domains": ", ".join(source.domains),
        "zone": source.zone,
        "found by": "\n".join(f"{type(find).__name__} {find.url}" for find in source.configured_finds(configured)),
        "articles": source.article,
        "wire": source.agency,
        "layouts proved on": source.proved.isoformat() if source.proved else "unproved: no stored page yet",
        "delay": f"{source.configured_delay(configured):g} s between requests",
        "terms": source.terms,
    }
    return {label: value for label, value in labelled.items() if value}


def local(moment: datetime, settings: Settings) -> str:
    """A moment in the user's zone."""
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M %Z")
