"""Elasticsearch makes of every text the tokens that the embedded engine makes, place by place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from indexer.analysis.analyzer import Token, exact_tokens, stemmed_tokens
from indexer.elastic.mapping import EXACT, STEMMED, analysis
from newsstand.stories import load_stories

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

PIECE = 5_000
"""Words of one request; the server makes 10,000 tokens of one text and no more."""
CHAINS: tuple[tuple[str, Callable[[str], list[Token]]], ...] = ((STEMMED, stemmed_tokens), (EXACT, exact_tokens))

Streams = Callable[[str, str], list[Token]]


@pytest.fixture
def theirs(elasticsearch: str) -> Iterator[Streams]:
    """What the server makes of a text with an analyzer of ours; offsets in characters, as ours are."""
    with Elasticsearch(elasticsearch, request_timeout=60) as client:
        client.indices.create(index="news-v1-analysis", settings={"analysis": analysis()})

        def stream(analyzer: str, text: str) -> list[Token]:
            answer = client.indices.analyze(index="news-v1-analysis", analyzer=analyzer, text=text)
            place = _characters(text)
            return [
                Token(each["token"], each["position"], place[each["start_offset"]], place[each["end_offset"]])
                for each in answer["tokens"]
            ]

        yield stream


def _characters(text: str) -> Sequence[int]:
    """For each place in UTF-16, in which Java counts, the place in characters."""
    if max(map(ord, text), default=0) < 0x10000:
        return range(len(text) + 1)
    places = [number for number, character in enumerate(text) for _ in range(1 + (ord(character) > 0xFFFF))]
    return [*places, len(text)]


def assert_alike(theirs: Streams, text: str) -> int:
    """Compare both chains on a text; how many tokens were compared."""
    compared = 0
    for analyzer, ours in CHAINS:
        mine, other = ours(text), theirs(analyzer, text)
        if mine != other:
            differing = next(pair for pair in zip([*mine, None], [*other, None], strict=False) if pair[0] != pair[1])
            pytest.fail(f"{analyzer}: ours and theirs {differing} in {text[max(0, _start(differing) - 40) :][:120]!r}")
        compared += len(mine)
    return compared


def _start(tokens: tuple[Token | None, Token | None]) -> int:
    return min(token.start for token in tokens if token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Jum'at, Jum’at dan Jum‘at: ma`ruf, Qur´an, 'kutipan' “lain”",
        "anti-ISIS, COVID-19 (U-20) www.antaranews.com/berita/1.html nama@kantor.co.id",
        "Rp1.250,5 pukul 18.30 dan 18:30 3.016 x:y a..b S.H., M.H. 1;2 50% C++ nama_file ___ _a_ __init__",
        "İSTANBUL ΣΑΣ ΟΔΟΣ Straße ǅ ﬁnal Ⅳ ª º",
        "日本 カタカナ ひらがな 한국어 ภาษาไทย ភាសាខ្មែរ ພາສາ မြန်မာ",
        "cafe\u0301 ½ ©Antara ®x ™ 👍🏽 🇮🇩🇮🇩🇮 👨‍👩‍👧‍👦 ☎️ 1️⃣ #️⃣ ✈ ☀️",
        "sebelum\x00sesudah\u200blagi\u00adlunak\u2060gabung\ufeffakhir",
        "baris\nbaru\r\ntab\tvertikal\x0bmaju\x0cunit\u2028alinea\u2029\x85",
        "x" * 600,
        "kata" + "\U0001d4d0" * 300 + " 𐐀𐐁 𝟘𝟙",
        "שלום עולם צה״ל العربية ٣٫١٤ हिन्दी ๑๒๓",
        "a'b'c 'a' a'' ''a a''b 1'000 a’1 1’a '''",
        "x˂y ˗ x˟y հ՛յ հ՟յ 々 x々y 〆 x〆y ｶﾞ ﾞ 1⃣1 x🄰y 🅰 #⃣",
        "a·b a․b a﹒b a．b a：b 1，000 1；2 a_1.2_b a.1 1.a",
    ],
)
def test_odd_texts_make_the_same_tokens(theirs: Streams, text: str) -> None:
    assert_alike(theirs, text)


def test_the_newsstands_articles_make_the_same_tokens(theirs: Streams) -> None:
    texts = ["\n".join([story.title, *chain.from_iterable(story.pages)]) for story in load_stories()]
    assert sum(assert_alike(theirs, text) for text in texts) > 5_000


@pytest.mark.shared
def test_every_distinct_word_of_two_thousand_articles_makes_the_same_tokens(theirs: Streams, shared: Path) -> None:
    """Words as they are printed, between blanks, with all that hangs on them."""
    words: dict[str, None] = {}
    with gzip.open(shared / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, 4_000, 2):
            article = json.loads(line)
            words |= dict.fromkeys(f"{article['title']} {article['body']}".split())
    distinct = list(words)
    compared = sum(
        assert_alike(theirs, " ".join(distinct[first : first + PIECE])) for first in range(0, len(distinct), PIECE)
    )
    assert compared > 2 * len(distinct) * 0.7
