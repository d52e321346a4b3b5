"""`python -m tests.support.altered_newsstand FINDS SOURCE …`: a crawl of the newsstand with other listings.

FINDS is JSON: a list of listings, each a class name and its fields, like [["FrontPage", {"url": "http://www.newsstand.test/"}]].
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sources import definition
from sources.publishers import newsstand

Finds = Sequence[tuple[str, Mapping[str, Any]]]
INDEX: Finds = [("DailyIndex", {"url": "http://www.newsstand.test/indeks/{year}-{month}-{day}?page={page}"})]


def start(finds: Finds, environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    """Start the crawl as a child process."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.altered_newsstand", json.dumps(finds), "newsstand", *arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _find(kind: str, fields: Mapping[str, Any]) -> Any:
    plain = dict(fields)
    if "links" in plain:
        plain["links"] = tuple(plain["links"])  # JSON has only lists
    return getattr(definition, kind)(**plain)


if __name__ == "__main__":
    finds = tuple(_find(kind, fields) for kind, fields in json.loads(sys.argv.pop(1)))
    newsstand.SOURCE = replace(newsstand.SOURCE, finds=finds, least_listed=1)
    from crawler.__main__ import main

    sys.exit(main())
