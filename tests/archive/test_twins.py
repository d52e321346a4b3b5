"""Addresses of one story: AMP, print and mobile twins, AMP caches, web archives. Two stories never share an id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.identity import canonical_key, exact_key, part_number
from archive.records import Article
from archive.same_story import FIRST_PAGE_ONLY, is_twin, settle_twin
from archive.twins import capture_time, own_address, story_address
from tests.conftest import an_article

STORY = "https://www.pelita.example/berita/71/panen-garam"


@pytest.mark.parametrize(
    "url",
    [
        f"{STORY}/amp",
        f"{STORY}/amp/",
        f"{STORY}?amp",
        f"{STORY}?amp=1&utm_source=wa",
        f"{STORY}/?amp_js_v=a6&amp_gsa=1&usqp=mq331",
        f"{STORY}?outputType=amp",
        f"{STORY}?print=1",
        f"{STORY}?tmpl=component&print=1&layout=default",
        f"{STORY}?m=1",
        f"{STORY}?page=all",
        f"{STORY}?page=2#page2",
        f"{STORY}?fbclid=IwAR0x&igshid=1",
        f"{STORY}?gclid=1&gad_source=1&gbraid=2",
        f"{STORY}?yclid=8",
        f"{STORY}?msclkid=8&_gl=1*x&ref=beranda&from=wp",
        f"{STORY}?pk_campaign=x&mtm_source=y&ttclid=z&srsltid=A",
        "https://www.pelita.example/print/berita/71/panen-garam",
        "https://www.pelita.example/berita/71/cetak/panen-garam",
        "https://www.pelita.example/versi-cetak/berita/71/panen-garam",
        "https://m.pelita.example/berita/71/panen-garam",
        "https://amp.pelita.example/berita/71/panen-garam",
        "http://wap.pelita.example/berita/71/panen-garam",
        "https://www-pelita-example.cdn.ampproject.org/c/s/www.pelita.example/berita/71/panen-garam",
        "https://www-pelita-example.cdn.ampproject.org/v/s/www.pelita.example/amp/berita/71/panen-garam?usqp=mq331AQ",
        "https://www.google.com/amp/s/www.pelita.example/berita/71/panen-garam",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fwww.pelita.example%2Fberita%2F71%2Fpanen-garam&usg=A",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.pelita.example%2Fberita%2F71%2Fpanen-garam%3Ffbclid%3DX&h=A",
        "https://www-pelita-example.translate.goog/berita/71/panen-garam?_x_tr_sl=id&_x_tr_tl=en",
        "http://webcache.googleusercontent.com/search?q=cache:AbCdEfGh1:https://www.pelita.example/berita/71/panen-garam+&cd=1",
        "https://web.archive.org/web/20240604011236/https://www.pelita.example/berita/71/panen-garam",
        "https://web.archive.org/web/20240604011236id_/https://www.pelita.example/berita/71/panen-garam",
        "http://web.archive.org/web/20240604011236/http://www.pelita.example:80/berita/71/panen-garam",
        "https://web.archive.org/web/2024/https://www.pelita.example/berita/71/panen-garam",
        "https://web.archive.org/web/20240604011236/www.pelita.example/berita/71/panen-garam",
        "https://web.archive.org/web/20240604011236/https%3A%2F%2Fwww.pelita.example%2Fberita%2F71%2Fpanen-garam",
        "https://wayback.archive-it.org/4471/20240604011236/https:/www.pelita.example/berita/71/panen-garam",
        "https://archive.ph/20240604011236/https://www.pelita.example/berita/71/panen-garam",
        "https://archive.ph/2024.06.04-011236/https://www.pelita.example/berita/71/panen-garam",
        "https://archive.is/newest/https://www.pelita.example/berita/71/panen-garam",
        "http://localhost:8080/koleksi/20240604011236mp_/https://www.pelita.example/berita/71/panen-garam",
    ],
)
def test_every_address_of_a_story_has_its_key(url: str) -> None:
    assert canonical_key(url) == canonical_key(STORY) == "pelita.example/berita/71/panen-garam"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://pelita.example/index.php?page=berita-71", "http://pelita.example/index.php?page=berita-72"),
        ("http://pelita.example/index.php?page=71", "http://pelita.example/index.php?page=72"),
        ("http://pelita.example/?page=71", "http://pelita.example/?page=72"),
        ("http://pelita.example/?p=71", "http://pelita.example/?p=72"),
        ("http://pelita.example/read.php?id=71&page=1", "http://pelita.example/read.php?id=72&page=1"),
        ("http://pelita.example/index.php?ref=71", "http://pelita.example/index.php?ref=72"),
        ("http://pelita.example/berita/kota?page=1071", "http://pelita.example/berita/kota?page=1072"),
        ("http://pelita.example/index.php?option=com_content&id=71", "http://pelita.example/index.php?option=com_content&id=72"),
        ("http://pelita.example/cetakan-baru", "http://pelita.example/baru"),
        ("http://pelita.example/berita/71/amplop", "http://pelita.example/berita/71"),
        ("http://pelita.example/baca?view=71", "http://pelita.example/baca?view=72"),
        ("http://pelita.example/a?mode=gempa", "http://pelita.example/a?mode=banjir"),
    ],
)  # fmt: skip
def test_what_tells_two_stories_apart_stays_in_the_key(one: str, other: str) -> None:
    assert canonical_key(one) != canonical_key(other)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        (f"{STORY}?page=2", 2),
        (f"{STORY}?page=all", None),
        (STORY, None),
        ("http://pelita.example/index.php?page=71", None),
        ("http://pelita.example/berita/71?page=1200", None),
        ("https://web.archive.org/web/20240604011236/http://pelita.example/berita/71?page=3", 3),
    ],
)
def test_a_part_of_an_article_is_known_by_its_number(url: str, part: int | None) -> None:
    assert part_number(url) == part


@pytest.mark.parametrize(
    ("url", "moment"),
    [
        ("https://web.archive.org/web/20240604011236/https://x.test/a", datetime(2024, 6, 4, 1, 12, 36, tzinfo=UTC)),
        ("https://archive.ph/2024.06.04-011236/https://x.test/a", datetime(2024, 6, 4, 1, 12, 36, tzinfo=UTC)),
        ("https://web.archive.org/web/2024/https://x.test/a", None),
        ("https://web.archive.org/web/20241304011236/https://x.test/a", None),
        ("https://x.test/20240604011236/a", None),
        (STORY, None),
    ],
)
def test_the_time_of_a_capture_is_in_its_address(url: str, moment: datetime | None) -> None:
    assert capture_time(url) == moment


@pytest.mark.parametrize(
    "url",
    [
        STORY,
        "https://web.archive.org/",
        "https://archive.ph/Ab1Cd",
        "https://archive.org/details/pelita",
        "https://www.google.com/search?q=garam",
        "https://x.test/baca?url=https://lain.test/b",
        "http://[",
        "",
        "web/20240604011236/",
    ],
)
def test_an_address_that_is_no_copy_s_is_its_own(url: str) -> None:
    assert own_address(url) == url


def test_an_exact_key_tells_the_pages_of_a_story_apart_and_ignores_tracking() -> None:
    assert exact_key(f"{STORY}/amp") != exact_key(STORY)
    assert exact_key(f"{STORY}?page=2") != exact_key(STORY)
    assert exact_key(f"{STORY}?utm_medium=x") == exact_key(STORY.replace("https://www.", "http://")) == exact_key(STORY)


def test_a_mark_is_removed_whatever_is_around_it() -> None:
    assert story_address("https://x.test/a/1?b=2&print=1&c=3#d") == "https://x.test/a/1?b=2&c=3#d"
    assert story_address("https://x.test/amp") == "https://x.test/amp"


def told(title: str, *body: str, url: str = STORY, flags: tuple[str, ...] = ()) -> Article:
    return an_article(url=url, title=title, body=body, flags=flags)


WHOLE = told("Panen Garam Melimpah", "Petani garam panen raya.", "Harga turun separuh.", "Gudang penuh.")


@pytest.mark.parametrize(
    ("other", "twin"),
    [
        (told("Panen Garam Melimpah", "Petani garam panen raya.", "Harga turun separuh."), True),
        (told("PANEN GARAM MELIMPAH", "Petani garam “panen” raya.", "Harga turun separuh.", "Lain."), True),
        (told("Panen Garam Melimpah - Pelita", "Petani garam panen raya.", "Harga turun separuh."), True),
        (told("Panen Garam Melimpah", "Sama sekali lain.", "Tidak ada yang sama."), False),
        (told("Gempa di Laut", "Petani garam panen raya.", "Harga turun separuh.", "Tambahan baru."), False),
        (told("Gempa di Laut", "Guncangan terasa."), False),
    ],
)  # fmt: skip
def test_twins_show_one_text(other: Article, twin: bool) -> None:
    assert is_twin(WHOLE, other) is is_twin(other, WHOLE) is twin


def test_a_twin_is_a_second_address_and_its_own_page_takes_precedence() -> None:
    shorter = replace(WHOLE, body=WHOLE.body[:2])
    assert settle_twin(shorter, at=f"{STORY}/amp", existing=WHOLE) == "skipped:duplicate"
    assert settle_twin(WHOLE, at=STORY, existing=replace(shorter, url=f"{STORY}/amp")) == WHOLE
    assert settle_twin(WHOLE, at=f"{STORY}?page=all", existing=replace(shorter, flags=(FIRST_PAGE_ONLY,))) == WHOLE


def test_a_later_part_replaces_nothing_and_another_story_gets_an_id_of_its_own() -> None:
    part = told("Panen Garam Melimpah", "Bagian kedua.")
    assert settle_twin(part, at=f"{STORY}?page=2", existing=WHOLE) == "skipped:later-page"
    lain = told("Gempa di Laut", "Guncangan terasa.")
    for at in (f"{STORY}?page=2", f"{STORY}/amp"):
        settled = settle_twin(lain, at=at, existing=WHOLE)
        assert isinstance(settled, Article)
        assert settled.id != WHOLE.id
        assert settled.url == at
    own_page = settle_twin(lain, at=STORY, existing=replace(WHOLE, url=f"{STORY}/amp"))
    assert isinstance(own_page, Article)
    assert own_page.id != WHOLE.id
