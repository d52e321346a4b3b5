"""`kliping read`: try the readers and the analyzer on anything. Nothing is written."""

from __future__ import annotations

from kliping.cli.lazy import LazyCommand, lazy_typer

COMMANDS = (
    LazyCommand("page", "kliping.cli.read_page:page", "Read one saved page into an article, or say why not."),
    LazyCommand("dates", "kliping.cli.read_dates:dates", "Read printed dates as ISO 8601, or say why not."),
    LazyCommand("credits", "kliping.cli.read_credits:credits", "Read datelines, bylines, photo and agency credits."),
    LazyCommand("words", "kliping.cli.read_words:words", "Show the terms that the index keeps of each word."),
)
"""Each reader is a module of its own, so that `kliping read dates` loads neither the page reader nor tantivy."""

app = lazy_typer(
    "Try the readers and the analyzer; writes nothing.\n\n"
    'Example: kliping read dates "Jumat, 18 Desember 2015 10.05 WIB"',
    COMMANDS,
)
