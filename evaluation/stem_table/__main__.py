"""`python -m evaluation.stem_table ARTICLES…`: writes the tables of stems and the lists made of print in `lexicon/`.

ARTICLES are JSON lines with `title` and `body`, compressed or not: the words of the archive come from them.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import chain
from pathlib import Path

from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

import lexicon
from evaluation.stem_table.choose import Roots, names_to_keep, own_stems, roots_of, table
from evaluation.stem_table.vocabulary import of_articles, read_lines
from indexer.analysis import words
from lexicon.places import PLACES
from lexicon.synonyms import GROUPS
from lexicon.words import GIVEN_NAMES, LISTED_NAMES, STOP_WORDS

LEAST = 2
RESIDUES = 3_000
FORMS = 3_500
FREQUENT = 2_000
TABLE_HEAD = """\
# Words whose root the stemmer does not find, by root. Written by `python -m evaluation.stem_table`; corrections belong
# in evaluation/stem_table/families.tsv.
"""
RESIDUES_HEAD = """\
# Roots, each with what the stemmer makes of other words of theirs (ukul: memukul, pemukulan). Written by
# `python -m evaluation.stem_table`.
"""
NAMES_HEAD = """\
# Names of news that the stemmer would alter, besides those of names.txt and the gazetteer. Written by
# `python -m evaluation.stem_table` from words that are mostly printed with a capital.
"""
OWN_STEMS_HEAD = """\
# Frequent words that are their own stem, besides names and the roots of stems.tsv and residues.tsv. Written by
# `python -m evaluation.stem_table`. Elasticsearch protects them, which saves it to look them up in those tables.
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.stem_table", description=__doc__)
    parser.add_argument("articles", nargs="+", type=Path, metavar="ARTICLES")
    parser.add_argument("--least", type=int, default=LEAST, help=f"articles of a word that must be right ({LEAST})")
    parser.add_argument("--residues", type=int, default=RESIDUES, help=f"at most so many residues ({RESIDUES})")
    parser.add_argument("--forms", type=int, default=FORMS, help=f"so many words not in print yet ({FORMS})")
    parser.add_argument("--to", type=Path, default=Path(str(files(lexicon))), metavar="FOLDER")
    options = parser.parse_args(arguments)
    vocabulary = of_articles(chain.from_iterable(map(read_lines, options.articles)))
    roots = all_roots()
    known = roots_of(vocabulary, roots, LISTED_NAMES)
    names = names_to_keep(vocabulary, roots, known, LISTED_NAMES | STOP_WORDS, _listed_words())
    kept = LISTED_NAMES | STOP_WORDS | set(names)
    chosen = table(vocabulary, roots, known, kept, options.least, options.residues, options.forms)
    for name, head, rows in (
        ("stems.tsv", TABLE_HEAD, _rows(chosen.words)),
        ("residues.tsv", RESIDUES_HEAD, _rows(chosen.residues)),
        ("names_in_print.txt", NAMES_HEAD, _lines(names)),
        ("own_stems.txt", OWN_STEMS_HEAD, _lines(own_stems(vocabulary, chosen, kept, FREQUENT))),
    ):
        (options.to / name).write_text(head + rows, encoding="utf-8")
    sys.stdout.write(
        f"{len(vocabulary.articles):,} words in print; {len(chosen.words):,} words and {len(chosen.residues):,} "
        f"residues in the tables; {len(names):,} names kept\n"
    )
    return 0


def _listed_words() -> set[str]:
    """The words of people's, places' and agencies' names in the lexicon."""
    names = {*PLACES, *GIVEN_NAMES, *(name for row in lexicon.rows("agencies.tsv") for name in row)}
    names |= {name for group in GROUPS for name in group.names if name[0].isupper() and name.isalpha()}
    return {word for name in names for word in words.find(name.lower()) if word.isascii() and word.isalpha()}


def all_roots() -> Roots:
    """PySastrawi's roots and stemmer, and the families kept by hand."""
    factory = StemmerFactory()
    stemmer = factory.create_stemmer()
    by_hand: dict[str, str] = {}
    text = (files(__package__) / "families.tsv").read_text(encoding="utf-8")
    for line in filter(None, text.splitlines()):
        if not line.startswith("#"):
            root, _, derived = line.partition("\t")
            by_hand |= dict.fromkeys([root, *derived.split()], root)
    listed = frozenset(word for word in factory.get_words() if word.isascii() and word.isalpha() and len(word) > 1)
    return Roots(listed | set(by_hand.values()), stemmer.stem, by_hand)


def _lines(listed: Iterable[str]) -> str:
    return "".join(f"{word}\n" for word in listed)


def _rows(chosen: Mapping[str, str]) -> str:
    by_root: dict[str, list[str]] = defaultdict(list)
    for word, root in chosen.items():
        by_root[root].append(word)
    return "".join(f"{root}\t{' '.join(sorted(by_root[root]))}\n" for root in sorted(by_root))


if __name__ == "__main__":
    sys.exit(main())
