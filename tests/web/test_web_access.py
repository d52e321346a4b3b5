"""Who may read: the password, sessions, tokens, forms; and full texts for the owner only."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from kliping.cli.main import app as command
from tests.support.commands import run_main
from tests.support.reading_room import serve
from web.access import ATTEMPTS, KEY_FILE, key_in
from web.pages.entrance import own_address
from web.security import is_loopback

PASSWORD = "rahasia yang panjang"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
TOKEN = "0123456789abcdef0123456789abcdef"
MOSCOW_ID = "4338dff9d37788081c0636e4c3c5f6d9"
SECRET_TEXT = "Rapat dijadwalkan berlangsung dua hari"


@pytest.fixture
def locked(demo_home: Path) -> TestClient:
    """A reading room with a password and a token."""
    return serve(demo_home, web_password_hash=HASH, web_token=TOKEN)


def log_in(client: TestClient, password: str = PASSWORD, back: str = "/") -> int:
    """Fill the form in; returns the status of the answer."""
    form = re.findall(r'name="form" value="(\w+)"', client.get("/masuk").text)[0]
    return client.post("/masuk", data={"password": password, "ke": back, "form": form}).status_code


@pytest.mark.parametrize("path", ["/", "/?q=gempa", f"/article/{MOSCOW_ID}", "/export", "/suggest?q=mo", "/nothing"])
def test_without_a_session_every_page_leads_to_the_log_in(locked: TestClient, path: str) -> None:
    answer = locked.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/masuk?ke=")
    assert locked.get("/masuk").status_code == 200
    assert locked.get("/static/style.css").status_code == 200


def test_the_right_password_opens_the_room_and_the_way_out_closes_it(locked: TestClient) -> None:
    assert log_in(locked) == 303
    html = locked.get("/").text
    assert "Keluar" in html
    form = re.findall(r'name="form" value="(\w+)"', html)[0]
    assert locked.get("/keluar").status_code == 405  # nothing is written over GET
    assert locked.post("/keluar", data={"form": form}).status_code == 303
    assert locked.get("/").status_code == 303


def test_session_cookies_are_out_of_reach_of_scripts_and_other_sites(locked: TestClient) -> None:
    form = re.findall(r'name="form" value="(\w+)"', locked.get("/masuk").text)[0]
    answer = locked.post("/masuk", data={"password": PASSWORD, "form": form})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_wrong_password_is_refused_and_after_five_the_room_waits(locked: TestClient) -> None:
    assert [log_in(locked, "salah") for _ in range(ATTEMPTS)] == [403] * ATTEMPTS
    assert log_in(locked) == 429
    assert locked.get("/").status_code == 303


def test_a_form_of_another_site_is_refused(locked: TestClient) -> None:
    locked.get("/masuk")
    for data in ({"password": PASSWORD}, {"password": PASSWORD, "form": "0" * 64}):
        assert locked.post("/masuk", data=data).status_code == 403
    form = re.findall(r'name="form" value="(\w+)"', locked.get("/masuk").text)[0]
    answer = locked.post("/masuk", data={"password": PASSWORD, "form": form}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("cookie", ["", "owner", "eyJvd25lciI6dHJ1ZX0.x.y", "Im93bmVyIg.aaaaaa.bbbbbbbbbbbb"])
def test_a_made_up_session_is_none(locked: TestClient, cookie: str) -> None:
    assert locked.get("/", headers={"Cookie": f"kliping_session={cookie}"}).status_code == 303


def test_another_password_ends_all_sessions(demo_home: Path, locked: TestClient) -> None:
    log_in(locked)
    other = serve(demo_home, web_password_hash=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("baru"))
    session = locked.cookies["kliping_session"]
    assert other.get("/", headers={"Cookie": f"kliping_session={session}"}).status_code == 303
    again = serve(demo_home, web_password_hash=HASH)
    assert again.get("/", headers={"Cookie": f"kliping_session={session}"}).status_code == 200


def test_programs_come_in_with_the_token(locked: TestClient) -> None:
    assert locked.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert locked.get("/", auth=("reader", TOKEN)).status_code == 200
    assert locked.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 303
    assert locked.get("/api/v1/search", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_where_only_the_owner_reads_texts_others_see_snippets_and_links(demo_home: Path) -> None:
    room = serve(demo_home, web_snippets_only=True, web_password_hash=HASH)
    html = room.get(f"/article/{MOSCOW_ID}").text
    assert SECRET_TEXT not in html
    assert "Hanya pemilik arsip" in html
    assert "arsip.newsstand.test" in html
    assert room.get("/?q=gempa").status_code == 200
    for path in ("versions", "page", "copies/" + MOSCOW_ID):
        assert room.get(f"/article/{MOSCOW_ID}/{path}").status_code in (303, 403), path
    assert room.get("/export").status_code == 303
    assert "Menteri Pertahanan Prancis" not in room.get(f"/article/{MOSCOW_ID}/cite.ris").text
    log_in(room)
    assert SECRET_TEXT in room.get(f"/article/{MOSCOW_ID}").text
    assert "Menteri Pertahanan Prancis" in room.get(f"/article/{MOSCOW_ID}/cite.ris").text


def test_without_an_account_nobody_is_the_owner(demo_home: Path) -> None:
    room = serve(demo_home, web_snippets_only=True)
    assert SECRET_TEXT not in room.get(f"/article/{MOSCOW_ID}").text
    for path in (f"/article/{MOSCOW_ID}/page", f"/article/{MOSCOW_ID}/versions", "/export"):
        assert room.get(path).status_code == 403


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/?q=gempa", "/?q=gempa"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_the_log_in_leads_nowhere_else(address: str, leads_to: str) -> None:
    assert own_address(address) == leads_to


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.7", "::", "arsip.example.org"])
def test_bound_elsewhere_without_a_password_it_does_not_start(
    host: str, demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLIPING_HOME", str(demo_home))
    done = run_main(monkeypatch, capsys, "serve", "--host", host)
    assert done.returncode == 2
    assert "kliping serve password" in done.stderr


def test_loopback_is_only_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.example", "")))


def test_the_command_makes_a_hash_that_opens_the_room(demo_home: Path) -> None:
    done = CliRunner().invoke(command, ["serve", "password"], input=f"{PASSWORD}\n{PASSWORD}\n")
    made = done.stdout.strip().splitlines()[-1]
    assert made.startswith("$argon2id$")
    assert log_in(serve(demo_home, web_password_hash=made)) == 303
    short = CliRunner().invoke(command, ["serve", "password"], input="pendek\npendek\n")
    assert short.exit_code == 2


def test_the_key_of_sessions_is_kept_for_the_owner_alone(tmp_path: Path) -> None:
    key = key_in(tmp_path)
    assert key_in(tmp_path) == key
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert key_in(tmp_path / "missing") != key_in(tmp_path / "missing")
