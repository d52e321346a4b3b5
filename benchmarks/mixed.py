"""Articles made of the corpus, as many as a benchmark wants: those of benchmarks/search.py, sizes.py and web.py.

An article is made of three of the corpus, drawn by its number: the title and the lede of one, and a part of the bodies
of two more, so that no two articles are alike and every word stands in as large a share of them as in the corpus. Every
article has ten words that no other has. Uses only what the versions since schema 2 have in common, for sizes.py.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from archive.articles import published_on
from archive.records import Article, Precision
from indexer.documents import Document, document

sys.path.append(str(Path(__file__).parent))

from index import LETTERS, NEW_WORDS, Text

WIB = timezone(timedelta(hours=7))
FIRST_DAY, DAYS = date(2010, 1, 1), 5_400


def documents(known: Sequence[Text], count: int) -> Iterator[Document]:
    """The documents of so many articles."""
    for number in range(count):
        each = article(known, number)
        yield document(each, seq=number + 1, status="live", content_hash="", published_on=published_on(each))


def article(known: Sequence[Text], number: int) -> Article:
    """The article of a number: the same in every run."""
    draw = random.Random(number)
    first, second, third = (known[draw.randrange(len(known))] for _ in range(3))
    length = max(3, len(first[2]))
    body = [*first[2][:2], *second[2][2 : 2 + length // 2], *third[2][-(length // 3) :]]
    own = " ".join(f"{draw.getrandbits(40):x}".translate(LETTERS) for _ in range(NEW_WORDS))
    return Article(
        id=f"{number:032x}",
        source=first[0],
        url=f"https://{first[0]}.example/{number}",
        title=first[1],
        body=(*body, own),
        published_at=datetime.combine(FIRST_DAY + timedelta(days=draw.randrange(DAYS)), datetime.min.time(), WIB)
        + timedelta(minutes=draw.randrange(1_440)),
        published_precision=Precision.MINUTE,
        authors=("Nur Imansyah",),
        section="nasional",
        agency="ANTARA" if number % 3 else None,
        language="id",
    )
