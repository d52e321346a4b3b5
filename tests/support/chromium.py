"""A real Chromium for tests, and the reading room served to it on a port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from archive.database import Archive
from indexer.engines import index_of
from kliping.cli.operations import holdings
from tests.support.reading_room import settings_of
from web.app import create_app

NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
"""axe-core, which looks for what people with a screen reader, a keyboard or weak eyes stumble on."""


def executable() -> str:
    """The browser of this machine. Skips the test visibly without one; with CI=true that is a failure."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium: apt-get install chromium")
        pytest.skip("needs Chromium (apt-get install chromium), which is not here")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser; none is downloaded."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=executable(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The address of an app that is served in a thread of this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < deadline
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@contextmanager
def room_on(home: Path, **changes: object) -> Iterator[str]:
    """The address of the reading room on a home."""
    chosen = settings_of(home, **changes)
    with (
        Archive.open(chosen.archive_url, home, create=False) as archive,
        listening(create_app(holdings(chosen, archive, index_of(chosen)))) as address,
    ):
        yield address


def serious(page: Page, only: str | None = None) -> list[str]:
    """What axe-core finds serious or critical on a page: the rule, and the place. `only`: by this rule alone."""
    page.evaluate(AXE)
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
