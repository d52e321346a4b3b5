"""Domain endings stand in one table, and registered domains come from the Public Suffix List."""

from __future__ import annotations

import re

import pytest

import lexicon
from lexicon.domains import DOMAIN, ENDING_AFTER_LOST_DOT, registered_domain
from reading.credits.datelines import read_dateline


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.kompas.com/read/1", "kompas.com"),
        ("bola.VIVA.co.id", "viva.co.id"),
        ("sukamaju.desa.id", "sukamaju.desa.id"),
        ("https://news.bbc.co.uk:443/", "bbc.co.uk"),
        ("budi.blogspot.com", "budi.blogspot.com"),
        ("arsip.newsstand.localhost", "newsstand.localhost"),
        ("http://127.0.0.1:8000/berita", "127.0.0.1"),
        ("localhost", "localhost"),
        ("co.id", "co.id"),
        ("", ""),
    ],
)
def test_the_registered_domain_follows_the_public_suffix_list(address: str, domain: str) -> None:
    """Shared hosts count as suffixes; a host without a public suffix keeps two labels, an IP address is whole."""
    assert registered_domain(address) == domain


def test_every_ending_is_part_of_a_domain() -> None:
    """No ending hides a longer one: "co" must not stop the match of "co.id"."""
    for ending, _, example in lexicon.rows("domain_endings.tsv"):
        assert example.endswith(f".{ending}")
        found = re.match(DOMAIN, f"{example.upper()} ", re.IGNORECASE)
        assert found is not None
        assert found.group() == example.upper()


@pytest.mark.parametrize(
    ("opening", "outlet"), [("KLATEN, KOMPAS com", "KOMPAS com"), ("TRIBUNNEWS,COM", "TRIBUNNEWS,COM")]
)
def test_a_lost_dot_is_read_before_com(opening: str, outlet: str) -> None:
    """Scrapers and typists lose the dot; the dateline still names its medium."""
    dateline, rest = read_dateline(f"{opening} - Hujan turun.")
    assert dateline is not None
    assert (dateline.outlet, rest) == (outlet, "Hujan turun.")


@pytest.mark.parametrize("words", ["Berita TV", "Jalan info", "Kabar news"])
def test_endings_that_are_words_need_their_dot(words: str) -> None:
    """Why the table marks the endings that may lose their dot: "tv", "info" and "news" are words."""
    assert re.fullmatch(rf"[\w-]+ {ENDING_AFTER_LOST_DOT}", words, re.IGNORECASE) is None
    assert read_dateline(f"{words} - Hujan turun.")[0] is None
