"""`python -m evaluation.synthetic`: writes the synthetic pages, reads them, and prints how well."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evaluation.synthetic import report
from evaluation.synthetic.corpus import family_of, write_page
from evaluation.synthetic.faults import FAULTS
from evaluation.synthetic.registry import all_families
from evaluation.synthetic.run import Result, results
from evaluation.synthetic.score import folded

PAGES = 2_400
CONTROL = "none"
"""With --show: the pages without a fault."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns 1 where a demand is not met."""
    options = _options(arguments)
    if options.list:
        _list()
        return 0
    if options.show and options.show not in (*FAULTS, CONTROL):
        sys.stderr.write(f"There is no fault {options.show!r}; --list names them.\n")
        return 2
    numbers = [at for at in range(options.pages) if options.family in (None, family_of(at).name)]
    if options.show and not options.held_out:
        numbers = [at for at in numbers if not family_of(at).held_out]
    kept = list(results(numbers, seed=options.seed, workers=options.workers, only=_only(options)))
    if options.show:
        kept = [each for each in kept if options.show in (each.faults or (CONTROL,))]
        _show(kept, options)
    elif options.write:
        for each in kept:
            _write(each, options)
    sides = report.summed(kept)
    sys.stdout.write((report.summary if options.show else report.tables)(sides) + "\n")
    floors = report.Floors(options.floor, options.wrong_at_most, options.silent_at_most, options.gap_at_most)
    broken = floors.broken(sides) if not options.show else []
    for sentence in broken:
        sys.stdout.write(f"NOT MET: {sentence}\n")
    return 1 if broken else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.synthetic", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help=f"how many pages ({PAGES})")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other pages")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--list", action="store_true", help="name the families and faults, and stop")
    parser.add_argument("--show", metavar="FAULT", help="print the differing values of the pages with this fault")
    parser.add_argument("--alone", action="store_true", help="with --show: put the fault, and no other, on every page")
    parser.add_argument("--at-most", type=int, default=20, help="with --show: so many pages are printed")
    parser.add_argument("--family", metavar="NAME", help="only the pages of this family")
    parser.add_argument("--held-out", action="store_true", help="with --show: pages of held-out families too")
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="write pages and labels there (with --show: those printed)"
    )
    parser.add_argument("--floor", type=float, default=0.0, help="the least mean over all fields")
    parser.add_argument("--wrong-at-most", type=float, default=1.0, help="share of given values that may be wrong")
    parser.add_argument("--silent-at-most", type=int, default=None, help="bodies short or unclean without a flag")
    parser.add_argument("--gap-at-most", type=float, default=0.02, help="held-out below tuned")
    return parser.parse_args(arguments)


def _only(options: argparse.Namespace) -> str | None:
    """The fault that each page shall have alone."""
    return options.show if options.alone and options.show in FAULTS else None


def _list() -> None:
    for family in all_families():
        held = "held out" if family.held_out else ""
        sys.stdout.write(f"family {family.name:24s} {family.years[0]}-{family.years[1]}  {held}\n")
    for fault in FAULTS.values():
        sys.stdout.write(f"fault  {fault.name:42s} {fault.slot:13s} {', '.join(fault.concerns)}\n")


def _show(kept: list[Result], options: argparse.Namespace) -> None:
    """Prints what differs on pages with the fault, worst first."""
    wrong = [each for each in kept if each.score.differences]
    wrong.sort(key=lambda each: each.score.mean)
    for each in wrong[: options.at_most]:
        sys.stdout.write(f"{each.name}  {each.score.mean:.2f}  {', '.join(each.faults)}\n")
        for name, (expected, got) in each.score.differences.items():
            if name == "body":
                _show_paragraphs(expected, got)
            elif name != "paragraphs" or "body" not in each.score.differences:
                sys.stdout.write(f"    {name:13s} expected {_shown(expected)}\n    {'':13s} got      {_shown(got)}\n")
        if options.write:
            _write(each, options)


def _show_paragraphs(expected: list[str], got: list[str]) -> None:
    """The paragraphs of a body that are missing, and those that are too many."""
    sys.stdout.write(f"    body          expected {len(expected)} paragraphs, got {len(got)}\n")
    for sign, some, others in (("-", expected, got), ("+", got, expected)):
        known = set(map(folded, others))
        for text in [each for each in some if folded(each) not in known][:4]:
            sys.stdout.write(f"      {sign} {text if len(text) <= 160 else text[:110] + ' … ' + text[-45:]}\n")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 600 else f"{text[:400]} … {text[-190:]}"


def _write(each: Result, options: argparse.Namespace) -> None:
    page = write_page(options.seed, each.number, only=_only(options))
    for folder in ("pages", "labels"):
        (options.write / folder).mkdir(parents=True, exist_ok=True)
    (options.write / "pages" / f"{page.name}.html").write_bytes(page.content)
    label = json.dumps({"url": page.label["own_url"], **page.label}, ensure_ascii=False, indent=1)
    (options.write / "labels" / f"{page.name}.json").write_text(label, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
