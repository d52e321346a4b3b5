"""Takes the pictures of README and docs/web.md: the reading room's pages in Chromium, on the newsstand's own stories.

    .venv/bin/python -m tests.support.screenshots                    # writes docs/pictures/*.png
    .venv/bin/python -m tests.support.screenshots --to FOLDER --all  # every page, light and dark, wide and 360 px

Nothing of a real publisher is on them: the archive is made for them, in a folder that is removed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.chromium import launched, room_on
from tests.support.reading_room import make_home
from web.rendering import menu

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
MOSCOW = "/article/4338dff9d37788081c0636e4c3c5f6d9"
SHOWN = {"search": "/?q=Moskow+OR+gempa+OR+gerhana", "article": MOSCOW, "versions": f"{MOSCOW}/versions"}
"""The pages of README by name."""
ALL = SHOWN | {
    "front": "/",
    "year": "/?after=2015&before=2016",
    "nothing": "/?q=zzqqxx+source:newstand",
    "unreadable": "/?q=gempa+%22Palu",
    "missing": "/no-such-page",
}
HEIGHT = 760


def take(
    browser: Browser, address: str, pages: dict[str, str], to: Path, *, scheme: str, width: int, whole: bool
) -> None:
    """Save a picture of each page as NAME-SCHEME-WIDTH.png."""
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        viewport={"width": width, "height": HEIGHT},
        base_url=address,
    )
    page = context.new_page()
    for name, path in pages.items():
        page.goto(path)
        page.screenshot(path=to / f"{name}-{scheme}-{width}.png", full_page=whole)
    context.close()


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--to", type=Path, default=PICTURES)
    parser.add_argument("--all", action="store_true", help="every page, in both schemes and two widths")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    pages = ALL | {entry.name: entry.path for entry in menu() if entry.path != "/"} if options.all else SHOWN
    shapes = [("light", 1100), ("dark", 1100), ("light", 360), ("dark", 360)] if options.all else [("light", 1100)]
    with (
        tempfile.TemporaryDirectory(prefix="kliping-") as folder,
        launched() as browser,
        room_on(make_home(Path(folder))) as address,
    ):
        for scheme, width in shapes:
            take(browser, address, pages, options.to, scheme=scheme, width=width, whole=options.all)
        if not options.all:
            take(browser, address, {"search": SHOWN["search"]}, options.to, scheme="dark", width=360, whole=False)
    sys.stdout.write(f"Pictures are in {options.to}.\n")


if __name__ == "__main__":
    main()
