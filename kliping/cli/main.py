"""The `kliping` command: the table of all commands, and how a mistake in one ends."""

from __future__ import annotations

import sys
from contextlib import suppress

import typer

from archive import ending
from kliping import streams
from kliping.cli import problems, usage
from kliping.cli.lazy import LazyCommand, lazy_typer

COMMANDS = (
    LazyCommand("demo", "kliping.cli.demo:demo", "Try everything offline, on a small bundled news site."),
    LazyCommand("crawl", "kliping.cli.crawl:crawl", "Crawl sources once, now, then index the new articles."),
    LazyCommand("backfill", "kliping.cli.backfill:backfill", "Fetch a publisher's past articles, day by day."),
    LazyCommand("coverage", "kliping.cli.coverage:coverage", "Compare expected and collected articles per day."),
    LazyCommand("import", "kliping.cli.import_:import_", "Import saved pages, clippings, WARC files and exports."),
    LazyCommand(
        "search",
        "kliping.cli.search:search",
        "Find articles.",
        # "-Moskow" and "-hujan" exclude a word, so they must not be read as options; `search` itself reads "-h"
        {"ignore_unknown_options": True, "help_option_names": ["--help"]},
    ),
    LazyCommand("attention", "kliping.cli.attention:over_time", "How many articles match over time."),
    LazyCommand("show", "kliping.cli.show:show", "Show one article: fields, where they were found, versions."),
    LazyCommand("reindex", "kliping.cli.reindex:reindex", "Build a new search index from the archive, then swap."),
    LazyCommand("status", "kliping.cli.status:status", "Whether last night was good: sources, scheduler, index, disk."),
    LazyCommand("runs", "kliping.cli.runs:app", "Past runs and their reports: list, show."),
    LazyCommand("doctor", "kliping.cli.doctor:doctor", "Check everything, and say how to fix what is wrong."),
    LazyCommand("index", "kliping.cli.index:app", "The search index: list, status, follow, rollback and more."),
    LazyCommand("sources", "kliping.cli.sources:app", "The publishers: list, show, enable, disable, check, new."),
    LazyCommand("read", "kliping.cli.read:app", "Try the readers and the analyzer; writes nothing."),
    LazyCommand("archive", "kliping.cli.archive:app", "The archive itself: stats, changes, families, verify and more."),
    LazyCommand("schedule", "kliping.cli.schedule:app", "Crawls on a timetable: the service, the windows, pauses."),
    LazyCommand("notify", "kliping.cli.notify:app", "Notifications: list, pending, send, test, drop."),
    LazyCommand("watch", "kliping.cli.watch:app", "Tell what is new to a search: add, list, test, feed, remove."),
    LazyCommand("serve", "kliping.cli.serve:app", "The reading room: the archive in a browser, and an API."),
    LazyCommand("kibana", "kliping.cli.kibana:app", "Kibana's saved objects: import, export."),
)
"""All commands: name, where it is, and its summary, which is the first line of its help."""

app = lazy_typer(
    "A newsroom's own nightly archive of Indonesian news: crawled on a schedule, dated and credited, "
    "kept for good, searchable.\n\n`kliping --version` prints the version.",
    COMMANDS,
    {"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command and exit with its status. Whatever happens, a user reads a sentence and no traceback.

    A command that a signal has ended exits with 128 and the signal's number: 130 (SIGINT), 143 (SIGTERM).
    """
    streams.prepare()
    try:
        status = version() if sys.argv[1:] == ["--version"] else app(standalone_mode=False)
        sys.stdout.flush()  # here and not at the end of the interpreter, which would print a warning if it fails
    except typer.TyperException as mistake:
        typer.echo(usage.sentence(mistake), err=True)
        sys.exit(mistake.exit_code)
    except typer.Abort as abort:
        if isinstance(abort.__cause__, KeyboardInterrupt):
            sys.exit(130)
        typer.echo("Nothing was done.", err=True)
        sys.exit(1)
    except BrokenPipeError:  # `| head` has read enough
        streams.abandon_stdout()
        sys.exit(1)
    except OSError as error:
        streams.abandon_stdout()  # perhaps it is what cannot be written
        _say(problems.in_words(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  a bug of ours: its traceback is for us, not for whoever met it
        _say(problems.bug_in_words(error))
        sys.exit(1)
    if lost := streams.lost_output():
        _say(problems.in_words(lost))
        status = 1
    sys.exit(ending.exit_status(status if isinstance(status, int) else 0))


def _say(sentence: str) -> None:
    """Print a sentence on standard error, if that can be written to."""
    with suppress(OSError):
        typer.echo(sentence, err=True)


def version() -> int:
    """Print name and version, and return the exit status.

    An option of Typer's would import pydantic, which `kliping --help` does not need.
    """
    from importlib import metadata  # 0.02 s, which no other command needs

    typer.echo(f"kliping {metadata.version('kliping')}")
    return 0
