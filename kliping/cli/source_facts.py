"""What the commands about sources share: loading one, its facts on a screen, its state and its health."""

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
    """The sources that are on before anybody turned them on: ours alone, and only where there is one to be reached."""
    return (NEWSSTAND,) if "newsstand.test" in settings.fetch_from else ()


def is_on(settings: Settings, archive: Archive, name: str) -> bool:
    """Whether a source may be crawled: kliping.toml has the last word, before it `sources enable`, then our own."""
    from archive.windows import all_schedules

    configured = settings.of_source(name).enabled
    if configured is not None:
        return configured
    row = all_schedules(archive).get(name)
    return row.enabled if row is not None and row.enabled is not None else name in default_on(settings)


def health(archive: Archive, name: str) -> Health:
    """The source's health as the archive knows it now."""
    from datetime import UTC, datetime

    from archive.health.report import health_of

    return health_of(archive, name, datetime.now(UTC))


def tells_past(settings: Settings, source: Source) -> bool:
    """Whether a daily index or a sitemap, the source's own or one that the settings name, tells a publisher's past."""
    from sources import DailyIndex, NewsSitemap, Sitemap

    finds = source.found_by(settings.of_source(source.name))
    return any(isinstance(find, DailyIndex | Sitemap | NewsSitemap) for find in finds)


def facts(settings: Settings, source: Source) -> dict[str, Any]:
    """What a source's file says, and what the settings change of it, by the names that people read."""
    mine = settings.of_source(source.name)
    told = {
        "source": f"{source.name}, {source.title}",
        "domains": ", ".join(source.domains),
        "zone": source.zone,
        "found by": "\n".join(f"{type(find).__name__} {find.url}" for find in source.found_by(mine)),
        "articles": source.article,
        "wire": source.agency,
        "layouts proved on": source.proved or "unproved: no stored page yet",
        "delay": f"{source.delay_by(mine):g} s between requests",
        "terms": source.terms,
    }
    return {name: value for name, value in told.items() if value}


def print_facts(settings: Settings, source: Source) -> None:
    """The facts as a table of two columns."""
    table = two_columns()
    for name, value in facts(settings, source).items():
        table.add_row(name, str(value))
    output.console().print(table)


def two_columns() -> Table:
    """A table of names and values."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def local(moment: datetime, settings: Settings) -> str:
    """A moment in the user's zone."""
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M %Z")
