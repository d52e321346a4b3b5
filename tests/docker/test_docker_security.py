"""`docker/security.sh` against a real Elasticsearch with the compose file's own settings of security, TLS on.

Run whole, twice in a row, killed after each of its requests; and what each key then may and may not do.
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

from tests.docker.test_docker import DOCKER, make_secrets, services, tool
from tests.support.children import kliping, settings
from tests.support.elasticsearch.distribution import NotAvailableError
from tests.support.elasticsearch.server import Server

pytestmark = pytest.mark.processes

KEYS = {
    "indexer": "scheduler/indexer.key",
    "reindexer": "secrets/reindexer.key",
    "reader": "secrets/reader.key",
    "importer": "secrets/importer.key",
}
INDEX = "news-v1-20260101000000-0a1b2c3d"


class Secured(Server):
    """A server with the security settings of docker-compose.yml, and the secrets that `secrets.sh` made in `root`."""

    def __init__(self, root: Path) -> None:
        given = dict(each.split("=", 1) for each in services()["elasticsearch"]["environment"])
        ours = {name: value for name, value in given.items() if name.startswith(("xpack.", "action."))}
        super().__init__(ours)
        self.root = root
        shutil.copytree(root / "elasticsearch", self.config / "tls")
        shutil.copytree(root / "ca", self.config / "ca")
        keystore = [self._home / "bin" / "elasticsearch-keystore"]
        environment = self._environment()
        password = (root / "elasticsearch/elastic.password").read_bytes()
        subprocess.run([*keystore, "create"], env=environment, check=True, capture_output=True)
        add = [*keystore, "add", "-x", "bootstrap.password"]  # as the image does with ELASTIC_PASSWORD_FILE
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
        """A request with an Authorization header; gives the status and the JSON of the answer."""
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
        """The header of one of our keys."""
        return f"ApiKey {(self.root / KEYS[name]).read_text()}"

    def as_user(self, name: str, file: str) -> str:
        """The header of a user whose password stands in a file."""
        return "Basic " + base64.b64encode(f"{name}:{(self.root / file).read_text()}".encode()).decode()

    @property
    def as_elastic(self) -> str:
        """The superuser's header."""
        return self.as_user("elastic", "elasticsearch/elastic.password")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    root = tmp_path_factory.mktemp("volumes")
    make_secrets(root)
    try:
        server = Secured(root)
    except NotAvailableError as why:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have a real Elasticsearch: {why}")
        pytest.skip(f"needs a real Elasticsearch: {why}")
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
    """Whoever should be known is, and of each key there is exactly one that is not invalidated."""
    for name in KEYS:
        status, who = server.ask("GET", "/_security/_authenticate", server.as_key(name))
        assert (status, who["api_key"]["name"]) == (200, f"kliping-{name}")
        wanted = json.loads((DOCKER / "roles" / f"{name}.json").read_text())["role_descriptors"][name]
        query = f"/_security/api_key?name=kliping-{name}&active_only=true"
        (key,) = server.ask("GET", query, server.as_elastic)[1]["api_keys"]
        held = key["role_descriptors"][name]
        assert [held["cluster"], held["applications"]] == [wanted["cluster"], wanted.get("applications", [])]
        assert [(set(each["names"]), set(each["privileges"])) for each in held["indices"]] == [
            (set(each["names"]), set(each["privileges"])) for each in wanted["indices"]
        ]
    for user, file in (("kibana_system", "kibana/kibana_system.password"), ("newsroom", "secrets/newsroom.password")):
        assert server.ask("GET", "/_security/_authenticate", server.as_user(user, file))[0] == 200


def test_run_twice_in_a_row_the_second_run_changes_nothing(secured: Secured) -> None:
    set_up(secured)
    check_whole(secured)
    before = {name: (secured.root / file).read_bytes() for name, file in KEYS.items()}
    assert "Made" not in set_up(secured)
    check_whole(secured)
    assert {name: (secured.root / file).read_bytes() for name, file in KEYS.items()} == before


def run_killed(server: Secured, folder: Path, nth: int) -> tuple[int, int]:
    """A first run whose own `curl` has each request answered, and after the nth kills all; its status, and requests."""
    for file in (*KEYS.values(), "secrets/newsroom.password"):
        (server.root / file).unlink(missing_ok=True)
    server.ask("DELETE", "/_security/user/newsroom", server.as_elastic)
    count, fake = folder / "count", folder / "curl"
    count.write_text("")
    fake.write_text(
        f'#!/bin/bash\n{tool("curl")} "$@"\nstatus=$?\necho >>{count}\n'
        f'[ "$(wc -l <{count})" -lt {nth} ] || kill -9 0  # the whole group\nexit $status\n'
    )
    fake.chmod(0o755)
    done = run(server, PATH=f"{folder}:{os.environ['PATH']}")
    return done.returncode, len(count.read_text())


def check_killed(server: Secured, folder: Path, nth: int) -> None:
    status, requests = run_killed(server, folder, nth)
    assert (status, requests) == (-signal.SIGKILL, nth)
    set_up(server)
    check_whole(server)


def test_killed_after_a_request_the_next_run_completes(secured: Secured, tmp_path: Path) -> None:
    """Moments drawn from a printed seed; `make soak` has all of them."""
    status, requests = run_killed(secured, tmp_path, 1_000)
    assert status == 0
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    for nth in random.Random(seed).sample(range(1, requests + 1), 2):
        check_killed(secured, tmp_path, nth)


@pytest.mark.soak
def test_killed_after_any_request_the_next_run_completes(secured: Secured, tmp_path: Path) -> None:
    status, requests = run_killed(secured, tmp_path, 1_000)
    assert status == 0
    for nth in range(1, requests + 1):
        check_killed(secured, tmp_path, nth)


def test_a_key_that_elasticsearch_does_not_know_any_more_is_made_anew(secured: Secured) -> None:
    set_up(secured)
    secured.ask("DELETE", "/_security/api_key", secured.as_elastic, {"name": "kliping-reader"})
    assert set_up(secured).count("Made") == 1
    check_whole(secured)


def test_a_key_gets_the_privileges_that_the_roles_say_now(secured: Secured) -> None:
    set_up(secured)
    before = secured.as_key("reader")
    key_id = base64.b64decode(before.split()[1]).decode().partition(":")[0]
    more = {"role_descriptors": {"reader": {"cluster": ["all"]}}}
    assert secured.ask("PUT", f"/_security/api_key/{key_id}", secured.as_elastic, more)[0] == 200
    set_up(secured)
    check_whole(secured)
    assert secured.as_key("reader") == before


def test_a_password_that_the_newsroom_has_changed_is_left_alone(secured: Secured) -> None:
    set_up(secured)
    path = "/_security/user/newsroom/_password"
    assert secured.ask("POST", path, secured.as_elastic, {"password": "their own choice"})[0] == 200
    set_up(secured)
    theirs = "Basic " + base64.b64encode(b"newsroom:their own choice").decode()
    assert secured.ask("GET", "/_security/_authenticate", theirs)[0] == 200
    password = {"password": (secured.root / "secrets/newsroom.password").read_text()}
    assert secured.ask("POST", path, secured.as_elastic, password)[0] == 200


def test_secrets_of_another_installation_are_one_plain_sentence(secured: Secured, tmp_path: Path) -> None:
    root = tmp_path / "other"
    shutil.copytree(secured.root, root)
    password = root / "elasticsearch/elastic.password"
    password.chmod(0o600)
    password.write_text("0" * 48)
    done = subprocess.run([DOCKER / "security.sh", secured.url, root], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Elasticsearch does not know this password of 'elastic'")
    assert "0" * 48 not in done.stderr


def test_an_unknown_step_is_refused(secured: Secured) -> None:
    done = run(secured, "keyss")
    assert (done.returncode, done.stderr) == (2, "There is no step keyss.\n")


@pytest.fixture
def index(secured: Secured) -> Iterator[None]:
    """An index behind the alias, made by the reindexer's key."""
    set_up(secured)
    body = {"aliases": {"news": {"is_write_index": True}}}
    assert secured.ask("PUT", f"/{INDEX}", secured.as_key("reindexer"), body)[0] == 200
    yield
    assert secured.ask("DELETE", f"/{INDEX}", secured.as_key("reindexer"))[0] == 200


MAY = {
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
"""Requests, in an order that works, and the keys that may make them."""


@pytest.mark.usefixtures("index")
def test_each_key_may_do_its_own_work_and_no_more(secured: Secured) -> None:
    """Above all: the indexer cannot delete an index, and the reader cannot write."""
    for (method, path, body), may in MAY.items():
        for name in ("importer", "reader", "indexer", "reindexer"):
            status, answer = secured.ask(method, path, secured.as_key(name), body)
            assert (status == 403) == (name not in may), (name, method, path, answer)
            assert status in (200, 201, 403), (name, method, path, answer)


def test_a_write_to_an_alias_that_is_not_there_makes_no_index_of_its_name(secured: Secured) -> None:
    """It would take the alias's name for good."""
    for name in ("news", "news-v1-typo"):
        status, answer = secured.ask("PUT", f"/{name}/_doc/1", secured.as_elastic, {"seq": 1})
        assert (status, answer["error"]["type"]) == (404, "index_not_found_exception")


CLIPPING = """Menhan Prancis ke Moskow bahas ISIS

Jumat, 18 Desember 2015

Paris (ANTARA News) - Menteri Pertahanan Prancis berkunjung ke Moskow pekan depan.

Kunjungan itu membahas perang melawan ISIS.
"""


def test_our_own_command_does_its_work_with_each_key_as_the_compose_file_gives_it(
    secured: Secured, tmp_path: Path
) -> None:
    """The one-shot makes index and alias, the scheduler's key follows, the reader's searches; none does more."""
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
        done = kliping_as("reindexer", "index", "follow")
        assert done.returncode == 0, done.stderr
        (made,) = secured.ask("GET", "/_alias/news", secured.as_key("reader"))[1]
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
        assert list(secured.ask("GET", "/_alias/news", secured.as_key("reader"))[1]) == [made]
        done = kliping_as("reindexer", "reindex")
        assert done.returncode == 0, done.stderr
        assert list(secured.ask("GET", "/_alias/news", secured.as_key("reader"))[1]) != [made]
    finally:
        for name in secured.ask("GET", "/news-v*", secured.as_elastic)[1]:
            secured.ask("DELETE", f"/{name}", secured.as_elastic)
