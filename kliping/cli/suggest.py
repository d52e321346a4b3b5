"""`kliping search --suggest`."""

from __future__ import annotations

from indexer.contract import SearchIndex
from indexer.suggestions import suggest
from kliping.cli import output
from kliping.cli.output import Column, OutputFormat


def print_suggestions(index: SearchIndex, typed: str, form: OutputFormat) -> None:
    """Print what the index suggests for the beginning of a query. Raises what `suggest` raises."""
    found = suggest(index, typed)
    if form is not OutputFormat.TABLE:
        output.print_records(form, [each.as_json() for each in found])
        return
    columns = (Column(dim=True, wrap=False), Column(), Column(right=True, dim=True))
    output.print_table(columns, [(each.kind, each.text, each.articles) for each in found], header=False)
