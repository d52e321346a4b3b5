"""Elasticsearch returns the same tokens as the embedded engine for every text, with positions and offsets."""

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

WORDS_PER_REQUEST = 5_000
"""The server returns at most 10,000 tokens of one text."""
ANALYZERS: tuple[tuple[str, Callable[[str], list[Token]]], ...] = ((STEMMED, stemmed_tokens), (EXACT, exact_tokens))

ServerTokens = Callable[[str, str], list[Token]]


@pytest.fixture
def server_tokens(elasticsearch: str) -> Iterator[ServerTokens]:
    """The server's tokens for one of our analyzers and a text, with offsets in characters like ours."""
    with Elasticsearch(elasticsearch, request_timeout=60) as client:
        client.indices.create(index="news-v1-analysis", settings={"analysis": analysis()})

        def tokens(analyzer: str, text: str) -> list[Token]:
            answer = client.indices.analyze(index="news-v1-analysis", analyzer=analyzer, text=text)
            offsets = _character_offsets(text)
            return [
                Token(each["token"], each["position"], offsets[each["start_offset"]], offsets[each["end_offset"]])
                for each in answer["tokens"]
            ]

        yield tokens


def _character_offsets(text: str) -> Sequence[int]:
    """For each offset in UTF-16, which Java uses, the offset in characters."""
    if max(map(ord, text), default=0) < 0x10000:
        return range(len(text) + 1)
    offsets = [number for number, character in enumerate(text) for _ in range(1 + (ord(character) > 0xFFFF))]
    return [*offsets, len(text)]


def assert_same_tokens(server_tokens: ServerTokens, text: str) -> int:
    """Compare both analyzers on a text. Returns how many tokens were compared."""
    compared = 0
    for analyzer, our_tokens in ANALYZERS:
        ours, theirs = our_tokens(text), server_tokens(analyzer, text)
        if ours != theirs:
            differing = next(pair for pair in zip([*ours, None], [*theirs, None], strict=False) if pair[0] != pair[1])
            pytest.fail(f"{analyzer}: ours and theirs {differing} in {text[max(0, _start(differing) - 40) :][:120]!r}")
        compared += len(ours)
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
def test_unusual_texts_have_the_same_tokens(server_tokens: ServerTokens, text: str) -> None:
    assert_same_tokens(server_tokens, text)


def test_the_articles_of_newsstand_have_the_same_tokens(server_tokens: ServerTokens) -> None:
    texts = ["\n".join([story.title, *chain.from_iterable(story.pages)]) for story in load_stories()]
    assert sum(assert_same_tokens(server_tokens, text) for text in texts) > 5_000


@pytest.mark.shared
def test_every_distinct_word_of_two_thousand_articles_has_the_same_tokens(
    server_tokens: ServerTokens, shared: Path
) -> None:
    """Words as printed between spaces, with their punctuation."""
    words: dict[str, None] = {}
    with gzip.open(shared / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, 4_000, 2):
            article = json.loads(line)
            words |= dict.fromkeys(f"{article['title']} {article['body']}".split())
    distinct = list(words)
    compared = sum(
        assert_same_tokens(server_tokens, " ".join(distinct[first : first + WORDS_PER_REQUEST]))
        for first in range(0, len(distinct), WORDS_PER_REQUEST)
    )
    assert compared > 2 * len(distinct) * 0.7
