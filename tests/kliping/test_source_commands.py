"""The maintainer's commands: check a source live, draft a new one, rewrite a fixture, turn one on and off."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import sources
from archive import consents, leases
from archive.tables import addresses, articles, outcomes, pages
from newsstand import Fault, Newsstand
from tests.support.children import kliping, opened, settings
from tests.support.commands import run_here

pytestmark = pytest.mark.processes

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
ROOT = Path(__file__).parents[2]
PAGE = str(FIXTURES / "newsstand" / "www.html")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A working copy with the folders that `sources new` writes to."""
    for folder in ("sources/publishers", "tests/fixtures/sources"):
        (tmp_path / "tree" / folder).mkdir(parents=True)
    return tmp_path / "tree"


def check(home: Path, base_url: str, name: str = "newsstand", **more: str) -> tuple[int, dict[str, Any]]:
    done = kliping(settings(home, {"newsstand.test": base_url}, **more), "sources", "check", name, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_check_reports_everything_of_a_working_source_and_archives_nothing(home: Path) -> None:
    """robots.txt of each host, each listing, one article field by field; the lease is released."""
    opened(home).close()
    with Newsstand(crawl_delay=0.1) as site:
        status, found = check(home, site.base_url)
        assert (status, found["verdict"], found["reasons"]) == (0, "good", [])
        assert (found["article"]["flags"], found["samples"]["flags"]) == ([], {"correction": 1})  # it prints "Ralat:"
        assert [robots["status"] for robots in found["robots"]] == [200, 200, 200]
        assert {robots["crawl_delay"] for robots in found["robots"]} == {0.1}
        assert [listing["kind"] for listing in found["listings"]] == ["Feed"] * 3 + ["Sitemap"] * 3 + ["DailyIndex"] * 3
        newest = max(site.stories("www"), key=lambda story: story.last_changed)
        first = found["listings"][0]
        assert (first["items"], first["articles"]) == (18, 18)
        assert first["newest"] == newest.last_changed.isoformat()
        table = kliping(settings(home, {"newsstand.test": site.base_url}), "sources", "check", "newsstand")
        assert table.returncode == 0
        assert "18 addresses, 18 articles, newest" in " ".join(table.stdout.split())
        assert table.stdout.rstrip().endswith("verdict: good")
        article = {field["field"]: field for field in found["article"]["fields"]}
        assert found["article"]["layout"] == 1
        assert article["title"]["value"] == site.stories("www")[0].title
        assert article["author"] == {"field": "author", "value": "Maria Goreti Lado", "from": "selector+json-ld"}
        assert article["agency"] == {"field": "agency", "value": None, "from": None}
        asked = [visit for visit in site.log if visit.host.startswith("www.")]
        assert [visit.path for visit in asked[:2]] == ["/robots.txt", "/rss/terkini.xml"]
        assert {visit.user_agent and visit.user_agent.split("/")[0] for visit in site.log} == {"KlipingBot"}
    with opened(home) as archive, archive.reading() as connection:
        for table in (addresses, articles, outcomes, pages):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
        holding = leases.holder_of(archive, "site:newsstand.test")
        assert holding
        assert not holding.living


def test_each_thing_that_does_not_work_is_a_sentence_and_status_1(home: Path) -> None:
    faults = {
        "arsip.newsstand.test/rss/terkini.xml": Fault("404"),
        "lama.newsstand.test/rss/terkini.xml": Fault("no-article"),
        "arsip.newsstand.test/sitemap.xml": Fault("empty"),
        "lama.newsstand.test/robots.txt": Fault("500"),
        "/berita/*": Fault("no-date"),
    }
    with Newsstand(crawl_delay=0, faults=faults) as site:
        status, found = check(home, site.base_url, KLIPING_RETRY_TIMES="0")
    assert (status, found["verdict"]) == (1, "attention")
    reasons = "\n".join(found["reasons"])
    for expected in (
        "http://lama.newsstand.test/robots.txt answers 500; until it works, nothing may be requested from its host.",
        "Feed: http://arsip.newsstand.test/rss/terkini.xml answered 404.",
        "Sitemap: http://arsip.newsstand.test/sitemap.xml: it is not XML",
        "None of 3 articles could be read. The last was http://www.newsstand.test/berita/",
        "no-date",
    ):
        assert expected in reasons


def test_check_without_a_network_names_each_host_once_and_the_next_step(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site:
        address = site.base_url
    status, found = check(home, address, KLIPING_RETRY_TIMES="0")
    assert (status, found["verdict"]) == (1, "attention")
    *hosts, article, advice = found["reasons"]
    assert [reason.partition(" could not be fetched: ")[0] for reason in hosts] == [
        f"http://{host}.newsstand.test/robots.txt" for host in ("www", "arsip", "lama")
    ]
    assert article == "No listing names an article, so none was read."
    assert advice == "No host of this source answered. Check this machine's network, then run this again."


def test_check_requests_the_listings_that_a_crawl_would_read(home: Path) -> None:
    """Feeds and sitemaps in the settings replace the source's own, in `check` and `show`."""
    feed = "http://lama.newsstand.test/rss/terkini.xml"
    named = {
        "KLIPING_SOURCES__NEWSSTAND__FEEDS": json.dumps([feed]),
        "KLIPING_SOURCES__NEWSSTAND__SITEMAPS": "[]",
    }
    with Newsstand(crawl_delay=0) as site:
        _, found = check(home, site.base_url, **named)
        asked = {visit.path for visit in site.log if visit.path.endswith(".xml")}
        shown = kliping(settings(home, {"newsstand.test": site.base_url}, **named), "sources", "show", "newsstand")
    assert [listing["url"] for listing in found["listings"] if listing["kind"] != "DailyIndex"] == [feed]
    assert asked == {"/rss/terkini.xml"}
    assert f"Feed {feed}" in " ".join(shown.stdout.split())
    assert "sitemap.xml" not in shown.stdout


def test_check_does_not_request_what_robots_txt_forbids(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site:
        robots = b"User-agent: KlipingBot\nDisallow: /\n"
        saved = site.answer

        def closed(host: str, target: str) -> Any:
            answer = saved(host, target)
            if target == "/robots.txt":
                answer = type(answer)(body=robots, content_type="text/plain")
            return answer

        site.answer = closed  # type: ignore[method-assign]  # this publisher forbids everything
        status, found = check(home, site.base_url)
        assert {visit.path for visit in site.log} == {"/robots.txt"}
    assert status == 1
    assert [listing["error"] for listing in found["listings"]] == [
        f"{listing['url']} gave no answer: robots.txt forbids it" for listing in found["listings"]
    ]


def test_check_never_connects_to_a_private_address(home: Path) -> None:
    """The guard of crawls applies: a private site is requested only if `fetch_from` names it."""
    with Newsstand(crawl_delay=0) as site:
        host = f"localhost:{site.port}"
        environment = settings(home, {})
        done = subprocess.run(
            [sys.executable, "-m", "crawler.probe", "page", f"http://{host}/berita/1/judul"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "no public address" in json.loads(done.stdout)["error"]
        assert not site.log


def test_check_refuses_while_the_source_is_being_crawled(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site, opened(home) as archive:
        assert leases.acquire(archive, "site:newsstand.test", holder="somebody else", seconds=600)
        done = kliping(settings(home, {"newsstand.test": site.base_url}), "sources", "check", "newsstand")
        assert (done.returncode, done.stdout) == (1, "")
        assert "being crawled by somebody else" in done.stderr
        assert not site.log


def test_new_writes_three_files_from_a_live_page_and_overwrites_none(home: Path, tree: Path) -> None:
    with Newsstand(crawl_delay=0) as site:
        story = site.stories("www")[0]
        url = f"http://www.koran-baru.test{story.path}"
        environment = settings(home, {"koran-baru.test": site.base_url})
        done = kliping(environment, "sources", "new", url, "--tree", tree)
        assert done.returncode == 0, done.stderr
        assert [visit.path for visit in site.log] == ["/robots.txt", story.path]
        written = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())
        fixture = "tests/fixtures/sources/koran_baru/today"
        assert written == ["sources/publishers/koran_baru.py", f"{fixture}.html", f"{fixture}.json"]
        assert (home / "drafts" / "koran_baru.html").read_bytes()
        before = (tree / written[0]).read_text()
        again = kliping(environment, "sources", "new", url, "--tree", tree)
        assert again.returncode == 2
        assert again.stderr == (
            "koran_baru exists already (sources/publishers/koran_baru.py). "
            "Delete it and its fixture to draft anew, or choose another --name.\n"
        )
        assert (tree / written[0]).read_text() == before
        assert len(site.log) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["https://www.antaranews.com/berita/1/x"], "antaranews.com already belongs to the source antara: edit"),
        (["koran.id/berita"], "is not the address of an article"),
        (["https://koran.id/"], "https://koran.id/ is the site's front page, not an article. Give the address of one"),
        (["https://koran.id/a/1", "--tree", "{tree}", "--page", PAGE], "which is on another domain than"),
        (["https://koran.id/a/1", "--tree", "{tmp}"], "is not a working copy of Kliping"),
        (["https://koran.id/a/1", "--tree", "{tree}", "--name", "Koran Pagi"], "cannot be a source's name"),
        (["https://koran.id/a/1", "--tree", "{tree}", "--page", "{tmp}/nowhere.html"], "cannot be read"),
    ],
)
def test_new_answers_a_mistake_with_one_sentence(
    home: Path,
    tmp_path: Path,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    words = [each.format(tmp=tmp_path, tree=tree) for each in arguments]
    done = run_here(monkeypatch, capsys, settings(home, {}), "sources", "new", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr


@pytest.fixture
def off(home: Path) -> Iterator[tuple[Newsstand, dict[str, str]]]:
    """A local site served as ANTARA, a source that is off."""
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"antaranews.com": site.base_url})
        del environment["KLIPING_SOURCES__ANTARA__ENABLED"]
        yield site, environment


def test_enable_needs_a_confirmation(off: tuple[Newsstand, dict[str, str]]) -> None:
    _, environment = off
    done = kliping(environment, "sources", "enable", "antara")
    assert done.returncode == 2
    assert "add --yes" in done.stderr
    assert kliping(environment, "crawl", "antara").returncode == 2


def test_enable_stores_what_it_showed(off: tuple[Newsstand, dict[str, str]], home: Path) -> None:
    _, environment = off
    shown = kliping(environment, "sources", "enable", "antara", "--yes")
    assert shown.returncode == 0, shown.stderr
    assert "written permission" in " ".join(shown.stdout.split())
    with opened(home) as archive:
        given = consents.latest_consent(archive, "antara")
    assert given
    assert (given.terms, given.confirmed) == (sources.load("antara").terms, "--yes")
    assert given.robots
    assert "Crawl-delay" in given.robots
    assert given.robots in shown.stdout
    shown_later = " ".join(kliping(environment, "sources", "show", "antara").stdout.split())
    assert "state on; enabled on" in shown_later
    assert "(--yes), with its robots.txt" in shown_later


def test_enable_says_and_stores_that_robots_txt_is_missing(off: tuple[Newsstand, dict[str, str]], home: Path) -> None:
    site, environment = off
    site.close()
    done = kliping(environment | {"KLIPING_RETRY_TIMES": "0"}, "sources", "enable", "antara", "--yes")
    assert done.returncode == 0
    assert "robots.txt could not be fetched" in done.stdout
    with opened(home) as archive:
        given = consents.latest_consent(archive, "antara")
    assert given
    assert given.robots is None


@pytest.mark.parametrize(("typed", "is_on"), [("y\n", True), ("n\n", False)])
def test_enable_asks_on_a_terminal(off: tuple[Newsstand, dict[str, str]], typed: str, is_on: bool) -> None:
    _, environment = off
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kliping", "sources", "enable", "antara"],
        env=environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.write(ours, typed.encode())
    out, _ = process.communicate(timeout=120)
    os.close(ours)
    os.close(theirs)
    assert b"may antara be crawled?" in out
    assert process.returncode == (0 if is_on else 1)
    listed = json.loads(kliping(environment, "sources", "list", "--json").stdout)
    assert {each["name"]: each["on"] for each in listed}["antara"] is is_on
