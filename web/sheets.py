"""Tables as CSV: UTF-8 with the mark by which Excel knows it, and no cell that a spreadsheet runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

from archive.export.files import csv_cell


def csv_response(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as a file that a browser saves as NAME.csv. None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heading)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    content = text.getvalue().encode("utf-8-sig", "replace")
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: object) -> object:
    return csv_cell("", value) if isinstance(value, str) else "" if value is None else value
