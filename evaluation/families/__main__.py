"""How well copies of one story are found among pairs of texts, and how fast (docs/evaluation.md).

    .venv/bin/python -m evaluation.families [--pairs N] [--show N] [--floors]

The limits in `archive/families/overlap.py` were chosen on the tuned half. The held-back half is printed beside it; its
pairs come from other articles.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from archive.families.overlap import overlap
from archive.families.shingles import Sketch, sketches
from evaluation.families.pairs import Pair, pairs
from evaluation.search.material import CORPUS, corpus_bodies

PRECISION, RECALL, SPEED = 0.98, 0.95, 1_000


@dataclass(frozen=True, slots=True)
class PairScore:
    """How many pairs were called copies rightly and wrongly, and how many copies were missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Returns 1 where a floor is missed, or where CI lacks the corpus."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.families", description=__doc__)
    parser.add_argument("--pairs", type=int, default=3_000)
    parser.add_argument("--show", type=int, default=0, help="tell of N wrong answers in the tuned half")
    parser.add_argument("--floors", action="store_true", help="exit with status 1 if a floor is missed")
    options = parser.parse_args(arguments)
    if not CORPUS.exists():
        _say(f"families: SKIPPED, it needs {os.path.relpath(CORPUS)}")
        return int(os.environ.get("CI") == "true")
    made = pairs(corpus_bodies(), options.pairs)
    started = time.process_time()
    known = sketches([text for pair in made for text in (pair.one, pair.other)])
    answers = [is_found(one, other) for one, other in zip(known[::2], known[1::2], strict=True)]
    speed = len(known) / (time.process_time() - started)
    fine = speed >= SPEED
    _say(f"{'copies of one story':24}{'pairs':>8}{'precision':>11}{'recall':>8}    floors {PRECISION}, {RECALL}")
    for name, tuned in (("tuned", True), ("held back", False)):
        of_half = [(pair, found) for pair, found in zip(made, answers, strict=True) if pair.tuned is tuned]
        score = scored(of_half)
        fine &= score.precision >= PRECISION and score.recall >= RECALL
        _say(f"  {name:22}{len(of_half):>8}{score.precision:>11.3f}{score.recall:>8.3f}")
        for pair, _ in [each for each in of_half if each[0].copy is not each[1]][: options.show if tuned else 0]:
            _say(f"    {'missed' if pair.copy else 'no copy'}: {pair.how}: {pair.one[0][:90]}")
    _say(f"{speed:,.0f} texts sketched and compared in a second of processor time; floor {SPEED:,}")
    return int(options.floors and not fine)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def is_found(one: Sketch | None, other: Sketch | None) -> bool:
    """Whether the archive would find that two outlets ran one story: they share a band, and are copies."""
    if one is None or other is None or not set(one.bands) & set(other.bands):
        return False
    return overlap(one, other).is_copy(one_outlet=False)


def scored(answers: Sequence[tuple[Pair, bool]]) -> PairScore:
    """The score of answers to pairs."""
    right = sum(pair.copy and found for pair, found in answers)
    wrong = sum(not pair.copy and found for pair, found in answers)
    return PairScore(right, wrong, sum(pair.copy and not found for pair, found in answers))


if __name__ == "__main__":
    sys.exit(main())
