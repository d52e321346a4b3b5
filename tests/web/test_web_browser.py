"""The reading room in a real Chromium: a newcomer's path with and without scripts, on a phone, and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import launched, room_on, serious
from tests.support.reading_room import CORRECTED, MOSCOW
from web.access import make_hash
from web.rendering import menu

pytestmark = pytest.mark.processes

MOSCOW_ID = "4338dff9d37788081c0636e4c3c5f6d9"
PAGES = (
    "/",
    "/?q=gempa",
    "/?q=zzqqxx",
    "/?q=gempa+%22",
    "/?after=2015&before=2016",
    f"/article/{MOSCOW_ID}",
    f"/article/{MOSCOW_ID}/versions",
    "/article/af377d2c/copies/d11f45ed",
    "/no-such-page",
    "/attention?q=gempa&q=ISIS&by=month&words=ISIS",
    "/attention?q=gempa&by=year&numbers=1",
    "/attention?q=%22gempa",
    "/sources/newsstand?year=2015",
    *(entry.path for entry in menu() if entry.path != "/"),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(demo_home: Path) -> Iterator[str]:
    with room_on(demo_home) as found:
        yield found


@pytest.fixture(scope="module")
def locked(demo_home: Path) -> Iterator[str]:
    with room_on(demo_home, web_password_hash=make_hash("rahasia yang panjang")) as found:
        yield found


def watched(page: Page) -> list[str]:
    """What the browser complains of on a page: errors of scripts, and what the policy refuses."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda line: said.append(line.text) if "Refused" in line.text or "Security" in line.text else None
    )
    return said


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_newcomer_finds_narrows_opens_compares_and_takes_along(
    chromium: Browser, address: str, scripts: bool, tmp_path: Path
) -> None:
    context = chromium.new_context(java_script_enabled=scripts, accept_downloads=True, base_url=address)
    page = context.new_page()
    said = watched(page)
    page.goto("/")
    page.get_by_label("Kata yang dicari").fill("ISIS Moskow")
    page.get_by_label("Kata yang dicari").press("Enter")
    expect(page.get_by_role("link", name=MOSCOW)).to_be_visible()
    page.get_by_role("complementary").get_by_role("link", name="Reuters", exact=True).click()
    page.get_by_label("Mulai").fill("2015-12")
    page.get_by_label("Sebelum").fill("2016")
    page.get_by_label("Sebelum").press("Enter")
    narrowed = page.url
    assert narrowed.partition("?")[2] == "q=ISIS+Moskow&photo=Reuters&after=2015-12&before=2016"
    page.get_by_role("link", name=MOSCOW).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(MOSCOW)
    page.get_by_text("asal", exact=True).first.click()
    expect(page.locator("details[open]").first).to_contain_text("selektor")
    page.get_by_role("link", name="teks", exact=True).click()
    expect(page.locator("ins").first).to_contain_text(CORRECTED)
    page.go_back()
    page.go_back()
    assert page.url == narrowed
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    file = tmp_path / "hits.csv"
    download.value.save_as(file)
    assert MOSCOW in file.read_text(encoding="utf-8-sig")
    page.goto("/?q=benih+padi")
    page.get_by_role("link", name="1 salinan di media lain").click()
    page.locator("h2 a").first.click()
    page.get_by_role("link", name="bandingkan berdampingan").click()
    expect(page.get_by_role("heading", level=2)).to_have_count(2)
    page.goto("/?q=Moskow")
    page.get_by_role("link", name="Perhatian pers dari waktu ke waktu").click()
    page.locator("input[name=q]").nth(1).fill("gempa")
    page.locator("input[name=q]").nth(1).press("Enter")
    expect(page.locator("svg path.series-2, svg circle.series-2").first).to_be_attached()
    assert "q=Moskow&q=gempa" in page.url
    assert said == []
    context.close()


def test_suggestions_come_as_one_types(chromium: Browser, address: str) -> None:
    page = chromium.new_page(base_url=address)
    page.goto("/")
    page.get_by_label("Kata yang dicari").press_sequentially("mosk")
    expect(page.locator("#suggestions option")).not_to_have_count(0)
    page.close()


def test_on_a_phone_no_page_scrolls_sideways(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, base_url=address)
    page = context.new_page()
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    context.close()


def test_by_keyboard_alone_one_gets_from_the_box_to_an_article(chromium: Browser, address: str) -> None:
    page = chromium.new_page(base_url=address)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("ISIS Moskow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=ISIS+Moskow*")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.getAttribute('href') || '').startsWith('/article/')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(MOSCOW)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page_in_both_schemes(
    chromium: Browser, address: str, locked: str, scheme: str
) -> None:
    context = chromium.new_context(color_scheme=scheme, base_url=address)  # type: ignore[arg-type]  # one of two literals
    page = context.new_page()
    found = {}
    for path in PAGES:
        page.goto(path)
        if problems := serious(page, only=None if scheme == "light" else "color-contrast"):
            found[path] = problems
    page.goto(f"{locked}/masuk")
    found |= {"/masuk": problems} if (problems := serious(page)) else {}
    context.close()
    assert found == {}
