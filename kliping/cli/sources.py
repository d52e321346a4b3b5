"""`kliping sources`: the publishers, which of them are on, and their health."""

from __future__ import annotations

from kliping.cli.lazy import LazyCommand, lazy_typer

COMMANDS = (
    LazyCommand("list", "kliping.cli.sources_list:list_", "List all sources with their state, last run and health."),
    LazyCommand("show", "kliping.cli.sources_show:show", "Show one source: facts, terms, whether it is on, health."),
    LazyCommand(
        "enable", "kliping.cli.sources_switch:enable", "Turn a source on, after showing its robots.txt and terms."
    ),
    LazyCommand(
        "disable", "kliping.cli.sources_switch:disable", "Turn a source off. Its articles stay in the archive."
    ),
    LazyCommand("check", "kliping.cli.sources_check:check", "Check a source against the live site."),
    LazyCommand(
        "politeness",
        "kliping.cli.sources_politeness:politeness",
        "Show what crawls requested of each host, and how it answered.",
    ),
    LazyCommand("accept", "kliping.cli.sources_show:accept", "Start a new baseline from what a source yields now."),
    LazyCommand("new", "kliping.cli.sources_new:new", "Draft a source's file and fixture from one article."),
    LazyCommand(
        "fixture", "kliping.cli.sources_fixture:fixture", "Rewrite a fixture's expected articles; show what changed."
    ),
)
"""Most commands are a module of their own, so that `sources new` and `sources fixture` do not load the archive."""

app = lazy_typer("The publishers: list, show, enable, disable, check, new.", COMMANDS)
