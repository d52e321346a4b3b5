"""`kliping sources show` and `accept`: one source's facts, its health over time, and the pages that show a break."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import consents
from archive.flags import sentence_of
from archive.health import harvest
from archive.health.baseline import format_value
from archive.health.harvest import FLAG
from archive.warc.reading import BadRecordError, load_page
from kliping.cli import context, output, source_facts
from kliping.cli.output import Json
from kliping.cli.timetables import planned_jobs_of
from scheduler.timetable import ROUND_OF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.database import Archive
    from archive.health.harvest import KeptPage
    from archive.health.report import FieldHealth, Health
    from kliping.config import Settings
    from sources import Source

_BARS = "▁▂▃▄▅▆▇█"


def show(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    broken_pages: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the last good and the first bad page of each deviating field there."),
    ] = None,
    json: Json = False,
) -> None:
    """Show one source: facts, terms, whether it is on, health.

    Of each field: its share in the last run, the usual share, the first one, and the shares day by day.

    \b
    Example: kliping sources show antara --broken-pages pages/
    """
    source = context.source(name)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive:
        health = source_facts.health(archive, name)
        state = _state(settings, archive, source)
        written = _write_pages(archive, source, health, broken_pages) if broken_pages else []
        its_round = planned_jobs_of(settings, archive, datetime.now(UTC)).get(ROUND_OF.format(name))
    if json:
        facts = {label.replace(" ", "_"): value for label, value in source_facts.facts(settings, source).items()}
        written_names = [str(path) for path in written]
        shown: dict[str, Any] = {"facts": facts, "state": state, "rounds": its_round.describe() if its_round else None}
        output.print_json(shown | {"health": health.as_json(), "written": written_names})
        return
    rounds = [("rounds", its_round.describe())] if its_round else []
    output.print_fields(
        [
            *source_facts.facts(settings, source).items(),
            ("state", _state_in_words(state)),
            *rounds,
            *_health_fields(health),
        ]
    )
    if health.fields:
        _print_trends(health.fields)
    for path in written:
        typer.echo(f"Written: {path}")
    if broken_pages and not written:
        typer.echo("No page was written: every field is normal, or no page of the deviating fields was kept.")


def accept(name: Annotated[str, typer.Argument(metavar="SOURCE")]) -> None:
    """Start a new baseline from what a source yields now.

    Use it if the publisher changed its pages on purpose and no selector can correct that. Runs are judged again after a
    week. Earlier verdicts stay.

    \b
    Example: kliping sources accept antara
    """
    context.source(name)
    settings = context.settings()
    with context.archive(settings, writes=True) as archive, archive.writing() as connection:
        harvest.accept(connection, name, datetime.now(UTC))
    typer.echo(f"{name} has a new baseline. Runs are judged against it after a week.")


def _state(settings: Settings, archive: Archive, source: Source) -> dict[str, Any]:
    """Whether the source is on, and the consent with which it was turned on, as JSON fields."""
    given = consents.latest_consent(archive, source.name)
    return {
        "on": source_facts.is_on(settings, archive, source.name),
        "configured": settings.of_source(source.name).enabled is not None,
        "enabled_at": source_facts.local(given.at, settings) if given else None,
        "confirmed": given.confirmed if given else None,
        "terms_then": given.terms if given else None,
        "terms_changed": bool(given and given.terms != source.terms),
        "robots_then": given.robots if given else None,
    }


def _state_in_words(state: dict[str, Any]) -> str:
    text = "on" if state["on"] else "off"
    if state["configured"]:
        text += ", by the settings"
    if state["enabled_at"]:
        robots = "with its robots.txt" if state["robots_then"] is not None else "without its robots.txt"
        text += f"; enabled on {state['enabled_at']} ({state['confirmed']}), {robots}"
    if state["terms_changed"]:
        text += "; the terms above have changed since then"
    return text


def _health_fields(health: Health) -> Iterator[tuple[str, str]]:
    """The health in words; of each deviation its sentence, and the pages before and after the break."""
    yield "health", f"{health.in_words} (run {health.run_id})" if health.run_id else health.in_words
    for broken in health.deviations:
        yield "", broken.deviation.sentence
        if meaning := sentence_of(broken.deviation.field.removeprefix(FLAG)):
            yield "", f"  {meaning}"
        for label, page in (("last good page", broken.good), ("first bad page", broken.bad)):
            if page:
                yield "", f"  {label}: {_where(page)}"


def _where(page: KeptPage) -> str:
    article = f"article {page.article_id[:8]}, " if page.article_id else ""
    return f"{article}{page.stored.file} at {page.stored.offset}, {page.url}"


def _print_trends(fields: tuple[FieldHealth, ...]) -> None:
    rows = []
    for field in fields:
        values = [value for _, value, _ in field.trend]
        if field.name.startswith(FLAG) and all(value == 1 for value in values):
            continue  # no article has the flag
        last, usual, first = (
            None if value is None else format_value(field.name, value)
            for value in (values[-1] if values else None, field.usual, field.first)
        )
        rows.append((field.name, last, usual, first, _bars(values)))
    output.print_table(("field", "last", "usually", "at first", "day by day"), rows)


def _bars(values: list[float]) -> str:
    """Values as a line of bars. The highest value, or 1.0 if all are lower, is a full bar."""
    most = max([1.0, *values])
    return "".join(_BARS[min(len(_BARS) - 1, int(value / most * len(_BARS)))] for value in values)


def _write_pages(archive: Archive, source: Source, health: Health, folder: Path) -> list[Path]:
    """Write the pages of each deviating field, as they were fetched, two files a field; returns the files."""
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for broken in health.deviations:
            field = broken.deviation.field.replace(":", "-").replace(" ", "-")
            for label, page in (("1-last-good", broken.good), ("2-first-bad", broken.bad)):
                if page is None:
                    continue
                path = folder / f"{source.name}-{field}-{label}.html"
                path.write_bytes(load_page(archive.warc_folder, page.stored).content)
                written.append(path)
    except OSError as error:
        context.fail(f"{error.filename or folder} cannot be written: {error.strerror}. Name another folder.")
    except BadRecordError as error:
        context.fail(f"A kept page cannot be read: {error}. Run: kliping archive verify", context.NEEDS_ATTENTION)
    return written
