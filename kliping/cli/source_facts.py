"""What the commands about sources share: loading a source, printing its facts, its state and its health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kliping.cli import context, output

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from archive.database import Archive
    from archive.health.report import Health
    from kliping.config import Settings
    from sources import Source

NEWSSTAND = "newsstand"


def load(name: str) -> Source:
    """The source of that name; ends with status 2 and a sentence where it cannot be used."""
    return context.source(name)


def default_on(settings: Settings) -> tuple[str, ...]:
    """The sources that are on by default: only the newsstand, and only if `fetch_from` says where it runs."""
    return (NEWSSTAND,) if "newsstand.test" in settings.fetch_from else ()


def is_on(settings: Settings, archive: Archive, name: str) -> bool:
    """Whether a source may be crawled: decided by the settings, else by `sources enable`/`disable`, else by default."""
    from archive.windows import all_schedules

    configured = settings.of_source(name).enabled
    if configured is not None:
        return configured
    row = all_schedules(archive).get(name)
    return row.enabled if row is not None and row.enabled is not None else name in default_on(settings)


def health(archive: Archive, name: str) -> Health:
    """The source's health now."""
    from datetime import UTC, datetime

    from archive.health.report import source_health

    return source_health(archive, name, datetime.now(UTC))


def can_backfill(settings: Settings, source: Source) -> bool:
    """Whether a backfill can find the source's past: by a daily index or a sitemap, its own or from the settings."""
    from sources import DailyIndex, NewsSitemap, Sitemap

    finds = source.configured_finds(settings.of_source(source.name))
    return any(isinstance(find, DailyIndex | Sitemap | NewsSitemap) for find in finds)


def facts(settings: Settings, source: Source) -> dict[str, Any]:
    """A source's facts with the changes that the settings make, by their labels."""
    mine = settings.of_source(source.name)
    labelled = {
        "source": f"{source.name}, {source.title}",
        "domains": ", ".join(source.domains),
        "zone": source.zone,
        "found by": "\n".join(f"{type(find).__name__} {find.url}" for find in source.configured_finds(mine)),
        "articles": source.article,
        "wire": source.agency,
        "layouts proved on": source.proved or "unproved: no stored page yet",
        "delay": f"{source.configured_delay(mine):g} s between requests",
        "terms": source.terms,
    }
    return {name: value for name, value in labelled.items() if value}


def print_facts(settings: Settings, source: Source) -> None:
    """Print the facts as a table of two columns."""
    table = two_columns()
    for name, value in facts(settings, source).items():
        table.add_row(name, str(value))
    output.console().print(table)


def two_columns() -> Table:
    """An empty table of labels and values."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def local(moment: datetime, settings: Settings) -> str:
    """A moment in the user's zone."""
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M %Z")
