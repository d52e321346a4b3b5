"""The `kliping` command. Each subject has a file of its own beside this one; what is heavy is imported when run."""

from __future__ import annotations

import os
import sys

import typer

from kliping.cli import (
    archive,
    backfill,
    coverage,
    crawl,
    demo,
    doctor,
    import_,
    index,
    kibana,
    read,
    reindex,
    schedule,
    search,
    show,
    sources,
)

app = typer.Typer(
    name="kliping",
    help="A newsroom's own nightly archive of Indonesian news: crawled on a schedule, dated and credited, "
    "kept for good, searchable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(crawl.crawl)
app.command()(backfill.backfill)
app.command()(coverage.coverage)
app.command(name="import")(import_.import_)
# "-Moskow" is a word that must not stand in an article, and no option; so search has no short options, not even -h.
app.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})(search.search)
app.command()(show.show)
app.command()(reindex.reindex)
app.add_typer(index.app, name="index")
app.add_typer(sources.app, name="sources")
app.add_typer(read.app, name="read")
app.add_typer(archive.app, name="archive")
app.add_typer(schedule.app, name="schedule")
app.add_typer(kibana.app, name="kibana")
app.command()(doctor.doctor)


def main() -> None:
    """Run the command. A reader that closes the pipe (`| head`) and Ctrl-C end it quietly."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush is quiet
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
