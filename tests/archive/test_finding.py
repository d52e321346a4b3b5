"""Finding an article by its id, the beginning of its id, or any of its addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from archive import addresses
from archive.addresses import FetchResult, SettledAddress
from archive.articles import SaveResult
from archive.database import Archive
from archive.finding import AmbiguousIdError, NoSuchArticleError, find
from archive.identity import CLIPPING_PREFIX, canonical_key, clipping_id
from archive.records import Listing
from tests.conftest import an_article

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Saver = Callable[..., SaveResult]


def test_an_article_is_found_by_an_id_prefix_and_by_its_url(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article)
    assert article.url
    with archive.writing() as connection:
        addresses.remember(connection, "newsstand", [Listing(article.url, "test")], NOW)
        stored = SettledAddress(canonical_key(article.url), "stored", FetchResult(200), article.id)
        addresses.settle(connection, [stored], NOW)
    with archive.reading() as connection:
        for id_or_url in (article.id, article.id[:8], article.id[:8].upper(), article.url + "?utm_source=x"):
            assert find(connection, id_or_url).article.id == article.id
        for id_or_url in (article.id[:7], "urn:sha256:00", "http://x.test/"):
            with pytest.raises(NoSuchArticleError):
                find(connection, id_or_url)


@pytest.mark.parametrize(
    "address",
    [
        "http://www.newsstand.test/berita/1/judul-1",
        "https://newsstand.test/berita/1/judul-1/",
        "HTTPS://M.NEWSSTAND.TEST/berita/1/judul-1#komentar",
        "www.newsstand.test/berita/1/judul-1",
        "newsstand.test/berita/1/judul-1?utm_source=x",
        "//newsstand.test/berita/1/judul-1",
        "http://amp.newsstand.test/berita/1/judul-1",
        "https://www.newsstand.test/amp/berita/1/judul-1",
        "https://www.newsstand.test/berita/1/judul-1?print=1",
        "https://web.archive.org/web/20151218120000/http://www.newsstand.test/berita/1/judul-1",
        "https://www-newsstand-test.cdn.ampproject.org/c/s/www.newsstand.test/berita/1/judul-1",
        "  http://www.newsstand.test/berita/1/judul-1\n",
        "http://lama.test/artikel.php?id=77",  # the address table has it
        "lama.test/artikel.php?id=77&utm_medium=x",
    ],
)
def test_an_article_is_found_at_every_form_of_its_addresses(archive: Archive, save: Saver, address: str) -> None:
    article = an_article()
    save(article)
    with archive.writing() as connection:
        old = "http://www.lama.test/artikel.php?id=77"
        addresses.remember(connection, "newsstand", [Listing(old, "test")], NOW)
        addresses.settle(connection, [SettledAddress(canonical_key(old), "stored", FetchResult(200), article.id)], NOW)
    with archive.reading() as connection:
        assert find(connection, address).article == article
        for other in (address.replace("1", "9").replace("77", "99"), "newsstand.test", "berita/1/judul-1"):
            with pytest.raises(NoSuchArticleError):
                find(connection, other)


def test_a_clipping_is_found_by_what_search_prints_of_its_id(archive: Archive, save: Saver) -> None:
    clipping = an_article(id=clipping_id("Harga beras naik."), url=None, source="clipping")
    save(clipping)
    digits = clipping.id.removeprefix(CLIPPING_PREFIX)
    with archive.reading() as connection:
        for wanted in (clipping.id, CLIPPING_PREFIX + digits[:8], f"URN:SHA256:{digits[:12].upper()}", digits[:8]):
            assert find(connection, wanted).article == clipping
        with pytest.raises(NoSuchArticleError):
            find(connection, CLIPPING_PREFIX + digits[:7])


def test_the_beginning_of_several_ids_lists_them(archive: Archive, save: Saver) -> None:
    for number in range(12):
        save(an_article(number, id=f"1f3a9c20{number:024x}", url=None))
    save(an_article(13, id=f"{CLIPPING_PREFIX}1f3a9c20{'0' * 56}", url=None))
    with archive.reading() as connection:
        with pytest.raises(AmbiguousIdError) as several:
            find(connection, "1F3A9C20")
        assert [each.title for each in several.value.candidates] == [f"Judul berita nomor {n}" for n in range(10)]
        assert several.value.more
        with pytest.raises(AmbiguousIdError) as two:
            find(connection, f"1f3a9c20{'0' * 23}")
        assert [each.id[-2:] for each in two.value.candidates] == [*(f"0{n:x}" for n in range(10))]
        assert find(connection, f"1f3a9c20{'0' * 23}b").article.title == "Judul berita nomor 11"
