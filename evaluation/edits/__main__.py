"""How many edits of pages become versions: none of the cosmetic ones, all of the real ones (docs/archive.md).

    .venv/bin/python -m evaluation.edits [--pairs N] [--seed N] [--floors]

Each pair is a page and the same page with one edit, made by script from a page of the newsstand or of a publisher. Both
are read as a crawl reads them and saved into an archive, the edited one a day later.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evaluation.edits.pages import newsstand_pages, real_pages
from evaluation.edits.saved import edits_saved

SHARED = Path(__file__).parents[2].parent / "shared"
EXPECTED = {"cosmetic": "unchanged", "real": "updated"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Returns 1 where an edit ended otherwise, or where CI lacks the shared pages."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.edits", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="of each kind, from each set of pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--floors", action="store_true", help="exit with status 1 if an edit ended otherwise")
    options = parser.parse_args(arguments)
    sets = {"newsstand": newsstand_pages()}
    missing = not SHARED.is_dir()
    if missing:
        _say(f"edits of real pages: SKIPPED, they need {os.path.relpath(SHARED)}")
    else:
        sets["real pages"] = real_pages(SHARED)
    wrong = 0
    _say(f"{'edits of pages':34}{'pairs':>8}{'versions':>10}{'expected':>10}")
    for where, pages in sets.items():
        for kind, expected in EXPECTED.items():
            counts = edits_saved(pages, kind, options.pairs, options.seed)
            by_edit: Counter[str] = Counter()
            for (name, _), count in counts.items():
                by_edit[name] += count
            for name, count in sorted(by_edit.items()):
                versions = counts[name, "updated"]
                _say(f"  {where + ', ' + name:32}{count:>8}{versions:>10}{count if kind == 'real' else 0:>10}")
            total, right = counts.total(), sum(count for (_, ended), count in counts.items() if ended == expected)
            wrong += total - right
            _say(f"{where + ', all ' + kind:34}{total:>8}{counts.total() - _unchanged(counts):>10}")
    return int((options.floors and wrong > 0) or (missing and os.environ.get("CI") == "true"))


def _unchanged(counts: Counter[tuple[str, str]]) -> int:
    return sum(count for (_, ended), count in counts.items() if ended == "unchanged")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
