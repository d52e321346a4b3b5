"""Options that choose articles: the same words in every command that has them."""

from __future__ import annotations

from typing import Annotated

import typer

Sources = Annotated[
    list[str] | None, typer.Option(metavar="SOURCE", help="Only this source; repeat it for more sources.")
]
Since = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="Published on or after this day, month or year.")
]
Until = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="Published on or before this day, month or year.")
]
