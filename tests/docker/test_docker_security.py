"""`docker/security.sh` against a real Elasticsearch with the compose file's security settings and TLS.

It is run to its end, twice in a row, and killed after each of its requests; then with requests of each key.
"""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import signal
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.children import kliping, settings
from tests.support.compose import DOCKER, make_secrets, services, tool
from tests.support.elasticsearch.distribution import NotAvailableError
from tests.support.elasticsearch.server import Server

pytestmark = pytest.mark.processes

KEYS = {
    "indexer": "scheduler/indexer.key",
    "reindexer": "secrets/reindexer.key",
    "reader": "room/reader.key",
    "importer": "secrets/importer.key",
}
INDEX = "news-v1-20260101000000-0a1b2c3d"


class Secured(Server):
    """A server with the security settings of docker-compose.yml, and the secrets made by `secrets.sh` in `root`."""

    def __init__(self, root: Path) -> None:
        composed = dict(each.split("=", 1) for each in services()["elasticsearch"]["environment"])
        ours = {name: value for name, value in composed.items() if name.startswith(("xpack.", "action."))}
        super().__init__(ours)
        self.root = root
        shutil.copytree(root / "elasticsearch", self.config / "tls")
        shutil.copytree(root / "ca", self.config / "ca")
        keystore = [self._home / "bin" / "elasticsearch-keystore"]
        environment = self._environment()
        password = (root / "elasticsearch/elastic.password").read_bytes()
        add = [*keystore, "add", "-f", "-x", "bootstrap.password"]  # as the image does with ELASTIC_PASSWORD_FILE
        subprocess.run(add, env=environment, input=password, check=True, capture_output=True)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/_cluster/health", "")[0] == 401
        except urllib.error.URLError:
            return False

    def ask(self, method: str, path: str, credential: str, body: Any = None) -> tuple[int, Any]:
        """Send a request with an Authorization header; returns the status and the JSON of the answer."""
        trust = ssl.create_default_context(cafile=str(self.root / "ca/ca.crt"))
        headers = {"Content-Type": "application/json"} | ({"Authorization": credential} if credential else {})
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def as_key(self, name: str) -> str:
        """The Authorization header of one of our keys."""
        return f"ApiKey {(self.root / KEYS[name]).read_text()}"

    def as_user(self, name: str, file: str) -> str:
        """The Authorization header of a user whose password is in a file."""
        return "Basic " + base64.b64encode(f"{name}:{(self.root / file).read_text()}".encode()).decode()

    @property
    def as_elastic(self) -> str:
        """The superuser's Authorization header."""
        return self.as_user("elastic", "elasticsearch/elastic.password")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    root = tmp_path_factory.mktemp("volumes")
    make_secrets(root)
    try:
        server = Secured(root)
    except NotAvailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have a real Elasticsearch: {error}")
        pytest.skip(f"needs a real Elasticsearch: {error}")
    try:
        server.start()
        yield server
    finally:
        server.remove()


def run(server: Secured, *steps: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DOCKER / "security.sh", server.url, server.root, *steps],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        start_new_session=True,
    )


def set_up(server: Secured) -> str:
    done = run(server)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_whole(server: Secured) -> None:
    """Every user and key can log in, and of each key exactly one is not invalidated."""
    for name in KEYS:
        status, who = server.ask("GET", "/_security/_authenticate", server.as_key(name))
        assert (status, who["api_key"]["name"]) == (200, f"kliping-{name}")
        expected = json.loads((DOCKER / "roles" / f"{name}.json").read_text())["role_descriptors"][name]
        query = f"/_security/api_key?name=kliping-{name}&active_only=true"
        (key,) = server.ask("GET", query, server.as_elastic)[1]["api_keys"]
        actual = key["role_descriptors"][name]
        assert [actual["cluster"], actual["applications"]] == [expected["cluster"], expected.get("applications", [])]
        assert [(set(each["names"]), set(each["privileges"])) for each in actual["indices"]] == [
            (set(each["names"]), set(each["privileges"])) for each in expected["indices"]
        ]
    for user, file in (("kibana_system", "kibana/kibana_system.password"), ("newsroom", "secrets/newsroom.password")):
        assert server.ask("GET", "/_security/_authenticate", server.as_user(user, file))[0] == 200


def test_a_second_run_changes_nothing(secured: Secured) -> None:
    set_up(secured)
    check_whole(secured)
    before = {name: (secured.root / file).read_bytes() for name, file in KEYS.items()}
    assert "Made" not in set_up(secured)
    check_whole(secured)
    assert {name: (secured.root / file).read_bytes() for name, file in KEYS.items()} == before


def run_killed(server: Secured, folder: Path, nth: int) -> tuple[int, int]:
    """A first run in which a wrapper of `curl` kills everything after the nth request; its status, and the requests."""
    for file in (*KEYS.values(), "secrets/newsroom.password"):
        (server.root / file).unlink(missing_ok=True)
    server.ask("DELETE", "/_security/user/newsroom", server.as_elastic)
    count, wrapper = folder / "count", folder / "curl"
    count.write_text("")
    wrapper.write_text(
        f'#!/bin/bash\n{tool("curl")} "$@"\nstatus=$?\necho >>{count}\n'
        f'[ "$(wc -l <{count})" -lt {nth} ] || kill -9 0  # the whole group\nexit $status\n'
    )
    wrapper.chmod(0o755)
    done = run(server, PATH=f"{folder}:{os.environ['PATH']}")
    return done.returncode, len(count.read_text())


def check_killed(server: Secured, folder: Path, nth: int) -> None:
    status, requests = run_killed(server, folder, nth)
    assert (status, requests) == (-signal.SIGKILL, nth)
    set_up(server)
    check_whole(server)


def test_killed_after_a_request_the_next_run_completes(secured: Secured, tmp_path: Path) -> None:
    """After a request drawn with a printed seed; `make soak` tries all of them."""
    status, requests = run_killed(secured, tmp_path, 1_000)
    assert status == 0
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201  shown when the test fails
    check_killed(secured, tmp_path, random.Random(seed).randint(1, requests))


@pytest.mark.soak
def test_killed_after_any_request_the_next_run_completes(secured: Secured, tmp_path: Path) -> None:
    status, requests = run_killed(secured, tmp_path, 1_000)
    assert status == 0
    for nth in range(1, requests + 1):
        check_killed(secured, tmp_path, nth)


def test_a_key_that_elasticsearch_has_lost_is_made_again(secured: Secured) -> None:
    set_up(secured)
    secured.ask("DELETE", "/_security/api_key", secured.as_elastic, {"name": "kliping-reader"})
    assert set_up(secured).count("Made") == 1
    check_whole(secured)


def test_the_reader_s_key_of_an_earlier_installation_is_made_again_in_the_room_s_volume(secured: Secured) -> None:
    set_up(secured)
    old, before = secured.root / "secrets/reader.key", secured.as_key("reader")
    (secured.root / KEYS["reader"]).rename(old)
    assert set_up(secured).count("Made") == 1
    check_whole(secured)
    assert not old.exists()
    assert secured.ask("GET", "/_security/_authenticate", before)[0] == 401


def test_a_kept_key_gets_the_present_privileges_of_its_role(secured: Secured) -> None:
    set_up(secured)
    before = secured.as_key("reader")
    key_id = base64.b64decode(before.split()[1]).decode().partition(":")[0]
    broader = {"role_descriptors": {"reader": {"cluster": ["all"]}}}
    assert secured.ask("PUT", f"/_security/api_key/{key_id}", secured.as_elastic, broader)[0] == 200
    set_up(secured)
    check_whole(secured)
    assert secured.as_key("reader") == before


def test_a_password_changed_by_the_newsroom_is_kept(secured: Secured) -> None:
    set_up(secured)
    path = "/_security/user/newsroom/_password"
    assert secured.ask("POST", path, secured.as_elastic, {"password": "their own choice"})[0] == 200
    set_up(secured)
    changed = "Basic " + base64.b64encode(b"newsroom:their own choice").decode()
    assert secured.ask("GET", "/_security/_authenticate", changed)[0] == 200
    password = {"password": (secured.root / "secrets/newsroom.password").read_text()}
    assert secured.ask("POST", path, secured.as_elastic, password)[0] == 200


def test_the_error_for_secrets_of_another_installation_is_plain(secured: Secured, tmp_path: Path) -> None:
    root = tmp_path / "other"
    shutil.copytree(secured.root, root)
    password = root / "elasticsearch/elastic.password"
    password.chmod(0o600)
    password.write_text("0" * 48)
    done = subprocess.run([DOCKER / "security.sh", secured.url, root], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Elasticsearch refuses the password of 'elastic'")
    assert "0" * 48 not in done.stderr


def test_an_unknown_step_is_refused(secured: Secured) -> None:
    done = run(secured, "keyss")
    assert (done.returncode, done.stderr) == (
        2,
        "There is no step keyss: write ready, kibana_system, newsroom or keys.\n",
    )


@pytest.fixture
def index(secured: Secured) -> Iterator[None]:
    """An index with the alias, created with the reindexer's key."""
    set_up(secured)
    body = {"aliases": {"news": {"is_write_index": True}}}
    assert secured.ask("PUT", f"/{INDEX}", secured.as_key("reindexer"), body)[0] == 200
    yield
    assert secured.ask("DELETE", f"/{INDEX}", secured.as_key("reindexer"))[0] == 200


ALLOWED = {
    ("GET", "/news/_search", None): {"indexer", "reindexer", "reader"},
    ("GET", f"/{INDEX}/_count", None): {"indexer", "reindexer", "reader"},
    ("GET", "/news-v*/_mapping", None): {"indexer", "reindexer", "reader"},
    ("GET", "/_alias/news", None): {"indexer", "reindexer", "reader"},
    ("GET", f"/_cluster/health/{INDEX}", None): {"indexer", "reindexer", "reader"},
    ("PUT", f"/{INDEX}/_doc/1?version=1&version_type=external_gte", b'{"seq":1}'): {"indexer", "reindexer"},
    ("POST", f"/{INDEX}/_refresh", None): {"indexer", "reindexer"},
    ("PUT", f"/{INDEX}/_settings", b'{"index":{"refresh_interval":"-1"}}'): {"reindexer"},
    ("POST", "/_aliases", b'{"actions":[{"add":{"index":"%s","alias":"news"}}]}' % INDEX.encode()): {"reindexer"},
    ("PUT", "/news-v1-other", None): {"reindexer"},
    ("DELETE", "/news-v1-other", None): {"reindexer"},
    ("PUT", "/mine", None): set(),
    ("GET", "/.security/_search", None): set(),
    ("GET", "/_security/user", None): set(),
    ("PUT", "/_cluster/settings", b'{"persistent":{"action.auto_create_index":null}}'): set(),
}
"""Requests, in a working order, and the keys that may make them."""


@pytest.mark.usefixtures("index")
def test_each_key_may_do_its_own_work_and_no_more(secured: Secured) -> None:
    """Most of all: the indexer cannot delete an index, and the reader cannot write."""
    for (method, path, body), names in ALLOWED.items():
        for name in ("importer", "reader", "indexer", "reindexer"):
            status, answer = secured.ask(method, path, secured.as_key(name), body)
            assert (status == 403) == (name not in names), (name, method, path, answer)
            assert status in (200, 201, 403), (name, method, path, answer)


def test_a_write_to_a_missing_alias_creates_no_index_of_its_name(secured: Secured) -> None:
    """Such an index would block the alias."""
    for name in ("news", "news-v1-typo"):
        status, answer = secured.ask("PUT", f"/{name}/_doc/1", secured.as_elastic, {"seq": 1})
        assert (status, answer["error"]["type"]) == (404, "index_not_found_exception")


CLIPPING = """Menhan Prancis ke Moskow bahas ISIS

Jumat, 18 Desember 2015

Paris (ANTARA News) - Menteri Pertahanan Prancis berkunjung ke Moskow pekan depan.

Kunjungan itu membahas perang melawan ISIS.
"""


def test_kliping_works_with_each_key_as_in_the_compose_file(secured: Secured, tmp_path: Path) -> None:
    """The reindexer's key creates index and alias, the indexer's follows, the reader's searches; none does more."""
    set_up(secured)
    clipping = tmp_path / "klip.txt"
    clipping.write_text(CLIPPING, encoding="utf-8")

    def kliping_as(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = settings(
            tmp_path / "home",
            {},
            KLIPING_INDEX_URL=secured.url,
            KLIPING_ELASTICSEARCH_CA_CERTS=str(secured.root / "ca/ca.crt"),
            KLIPING_ELASTICSEARCH_API_KEY=(secured.root / KEYS[name]).read_text(),
        )
        return kliping(environment, *arguments)

    try:
        done = kliping_as("reindexer", "index", "follow", "--new")  # as in the compose file
        assert done.returncode == 0, done.stderr
        (created,) = secured.ask("GET", "/_alias/news", secured.as_key("reader"))[1]
        done = kliping_as("indexer", "import", clipping)
        assert done.returncode == 0, done.stderr
        done = kliping_as("reader", "search", "ISIS Moskow", "--json")
        assert done.returncode == 0, done.stderr
        assert [hit["title"] for hit in json.loads(done.stdout)["hits"]] == ["Menhan Prancis ke Moskow bahas ISIS"]
        for name, command in (
            ("indexer", ("reindex",)),
            ("reader", ("index", "follow")),
            ("importer", ("search", "a")),
        ):
            clipping.write_text(CLIPPING.replace("pekan depan", f"pekan depan, {name}"), encoding="utf-8")
            if name == "reader":
                kliping_as("importer", "import", clipping)  # so that there is something to follow
            done = kliping_as(name, *command)
            assert done.returncode == 1, (name, done.stdout)
            assert "Traceback" not in done.stderr
            assert "\n" not in done.stderr.strip(), (name, done.stderr)
        assert list(secured.ask("GET", "/_alias/news", secured.as_key("reader"))[1]) == [created]
        done = kliping_as("reindexer", "reindex")
        assert done.returncode == 0, done.stderr
        assert list(secured.ask("GET", "/_alias/news", secured.as_key("reader"))[1]) != [created]
    finally:
        for name in secured.ask("GET", "/news-v*", secured.as_elastic)[1]:
            secured.ask("DELETE", f"/{name}", secured.as_elastic)
