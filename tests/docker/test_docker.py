"""The compose file, the image and the setup's scripts: syntax, which service sees which secret, and `secrets.sh` run.

Docker itself is not run here. `docker/security.sh` is tested in `test_docker_security.py`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kibana.objects import TIME_RANGE
from kliping.cli.main import app as command
from tests.support.compose import DOCKER, ROOT, compose, make_secrets, services, tool

SCRIPTS = sorted(DOCKER.glob("*.sh"))


def mounts(service: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Each volume or path of a service: where it is mounted, and whether it is writable."""
    parts = [each.split(":") for each in service.get("volumes", ())]
    return {part[0]: (part[1], part[2:] != ["ro"]) for part in parts}


# -- syntax -----------------------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_the_compose_file_is_valid_by_the_compose_specification() -> None:
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.processes
def test_the_dockerfile_passes_hadolint() -> None:
    done = subprocess.run([tool("hadolint"), ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.processes
def test_every_script_passes_shellcheck() -> None:
    assert len(SCRIPTS) == 4
    done = subprocess.run([tool("shellcheck"), *SCRIPTS], capture_output=True)
    assert (done.returncode, done.stdout.decode()) == (0, "")


# -- the compose file -------------------------------------------------------------------------------------------------


def test_images_have_no_registry_and_one_exact_version() -> None:
    images = {name: service["image"] for name, service in services().items()}
    assert set(images.values()) == {"elasticsearch:9.5.3", "kibana:9.5.3", "kliping"}
    assert not any("build" in services()[name] for name, image in images.items() if image != "kliping")


def test_ports_are_published_on_this_machine_only() -> None:
    published = [port for service in services().values() for port in service.get("ports", ())]
    assert sorted(published) == ["127.0.0.1:5601:5601", "127.0.0.1:8420:8420", "127.0.0.1:9200:9200"]


def test_every_service_has_a_memory_limit_and_every_permanent_one_a_health_check() -> None:
    permanent = {name for name, service in services().items() if service.get("restart") == "unless-stopped"}
    assert permanent == {"elasticsearch", "kibana", "scheduler", "room"}
    for name, service in services().items():
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert ("healthcheck" in service) == (name in permanent), name


def test_services_wait_for_what_they_need_and_the_scheduler_not_for_the_index() -> None:
    def needs(name: str) -> Iterator[str]:
        for each, condition in services()[name].get("depends_on", {}).items():
            healthy = services()[each].get("restart") == "unless-stopped"
            assert condition == {"condition": "service_healthy" if healthy else "service_completed_successfully"}
            yield each
            yield from needs(each)

    assert list(needs("kibana-objects")) == ["kibana", "security", "elasticsearch", "secrets"]
    for name in ("index", "scheduler", "room"):
        assert list(needs(name)) == ["security", "elasticsearch", "secrets"]


def test_every_volume_is_declared_and_used_and_every_mounted_file_exists() -> None:
    used = {source for service in services().values() for source in mounts(service)}
    paths = {source for source in used if source.startswith(".")}
    assert used - paths == set(compose()["volumes"])
    assert all((ROOT / path).exists() for path in paths)


def test_each_service_sees_only_its_own_secrets() -> None:
    """The scheduler, which reads the open web, has only the indexer's key; the reading room only the reader's."""
    visible = {
        name: {source: write for source, (_, write) in mounts(service).items() if source.endswith(("secrets", "ca"))}
        for name, service in services().items()
    }
    assert visible == {
        "secrets": {"secrets": True, "ca": True, "elasticsearch-secrets": True, "kibana-secrets": True},
        "elasticsearch": {"elasticsearch-secrets": False, "ca": False},
        "security": {
            **{"secrets": True, "scheduler-secrets": True, "room-secrets": True},
            **{"ca": False, "elasticsearch-secrets": False, "kibana-secrets": False},
        },
        "index": {"secrets": False, "ca": False},
        "kibana": {"kibana-secrets": False, "ca": False},
        "kibana-objects": {"secrets": False, "ca": False},
        "scheduler": {"scheduler-secrets": False, "ca": False},
        "room": {"room-secrets": False, "ca": False},
    }


def test_the_reading_room_of_the_compose_file_needs_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command, run as it stands there, ends with a sentence and no archive is opened; docs say how to set one."""
    room = services()["room"]
    for name in [each for each in os.environ if each.startswith("KLIPING_WEB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(command, room["command"][1:])
    assert done.exit_code == 2
    assert "nothing protects the archive there" in done.output
    assert not (tmp_path / "home").exists()
    port = room["command"][room["command"].index("--port") + 1]
    assert room["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"localhost:{port}/" in room["healthcheck"]["test"][-1]
    page = (ROOT / "docs/docker.md").read_text(encoding="utf-8")
    assert "KLIPING_WEB_PASSWORD_HASH='$argon2id$" in page  # Compose would put variables in the place of $argon2id


def test_the_compose_file_contains_no_secret() -> None:
    for service in services().values():
        environment = service.get("environment", {})
        names = environment if isinstance(environment, dict) else [each.partition("=")[0] for each in environment]
        for name in names:
            assert name.endswith("_FILE") or not re.search("PASSWORD|KEY|SECRET|TOKEN", name), name


def test_our_services_run_without_root_except_the_one_that_changes_owners() -> None:
    for name, service in services().items():
        if service["image"] == "kliping":
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert ("user" in service) == ("cap_add" in service) == (name == "secrets")


def test_every_setting_in_the_compose_file_is_one_of_ours() -> None:
    from kliping.config import Settings

    for service in services().values():
        environment = service.get("environment", {})
        for name in environment if isinstance(environment, dict) else ():
            if name.startswith("KLIPING_"):
                assert name.removeprefix("KLIPING_").lower() in Settings.model_fields


# -- the image --------------------------------------------------------------------------------------------------------


def test_the_image_contains_every_package_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {each.rstrip("*") for each in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    included = {line[1:] for line in lines if line.startswith("!")}
    assert {each.rstrip("/") for each in included if each.endswith("/")} == packages
    copied = set(re.findall(r"docker/\S+", (ROOT / "Dockerfile").read_text()))
    assert {each for each in included if not each.endswith("/")} == {
        *copied,
        *("pyproject.toml", "LICENSE", "README.md", "requirements.txt"),
    }


def test_the_image_does_not_run_as_root_and_names_no_registry() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]
    assert "python -m pip install --no-cache-dir -r requirements.txt" in text
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.11-slim-bookworm"] * 2
    for file in (ROOT / "Dockerfile", ROOT / "docker-compose.yml", ROOT / "requirements.txt", *SCRIPTS):
        assert not re.search(
            r"index-url|--trusted-host|docker\.(io|elastic)|https?://(?!elasticsearch|kibana|localhost)",
            file.read_text(),
        )


@pytest.mark.processes
def test_the_entrypoint_reads_the_api_key_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("c2VjcmV0\n")
    show = [DOCKER / "entrypoint.sh", "sh", "-c", 'printf "%s" "${KLIPING_ELASTICSEARCH_API_KEY-none}"']
    path = {"PATH": os.environ["PATH"]}
    done = subprocess.run(show, env=path | {"API_KEY_FILE": str(tmp_path / "key")}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "c2VjcmV0")
    done = subprocess.run(show, env=path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "none")
    done = subprocess.run(show, env=path | {"API_KEY_FILE": str(tmp_path / "no")}, capture_output=True, text=True)
    assert (done.returncode != 0, done.stdout) == (True, "")


@pytest.mark.processes
def test_the_scheduler_s_health_check_compares_the_timetable_with_the_crawls(tmp_path: Path) -> None:
    """It is run as Docker runs it: healthy while a scheduler lives and every window was run, unhealthy otherwise."""
    from archive import runs, schedules
    from archive.leases import acquire
    from tests.support.children import opened

    (check,) = {tuple(services()["scheduler"]["healthcheck"]["test"][1:]), tuple(_image_health_check())}
    command = [str(DOCKER / Path(check[0]).name), sys.executable, "-m", *check[1:]]

    def health() -> tuple[int, str]:
        environment = {**os.environ, "KLIPING_HOME": str(tmp_path), "KLIPING_SOURCES__ANTARA__ENABLED": "true"}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        return done.returncode, done.stdout

    with opened(tmp_path) as archive:
        assert health()[0] == 1
        lease = acquire(archive, "scheduler", seconds=600)
        assert lease is not None
        assert health()[0] == 0
        long_ago = datetime.now(UTC) - timedelta(days=10)
        schedules.record_enabled(archive, ["antara"], now=long_ago)
        status, said = health()
        assert status == 1
        assert "antara: no harvest since its window of" in said
        with archive.writing() as connection:
            now = datetime.now(UTC)
            runs.begin(connection, "r", source="antara", kind="crawl", holder="h", lease=None, now=now)
            runs.finish(connection, "r", listed=1, traffic={}, verdict=runs.Verdict("good", None), now=now)
        assert health()[0] == 0
        lease.release()
        status, said = health()
        assert status == 1
        assert "No scheduler runs" in said


def _image_health_check() -> list[str]:
    (command,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD (\[.+\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    found: list[str] = json.loads(command)
    return found


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_names_every_service_volume_and_key() -> None:
    page = (ROOT / "docs/docker.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))
    data = {"archive", "elasticsearch-data", "kibana-data"}
    keys = {path.stem for path in (DOCKER / "roles").glob("*.json")} - {"newsroom"}
    assert rows == set(services()) | set(compose()["volumes"]) - data | keys
    assert "`newsroom`" in page


# -- Kibana's settings ------------------------------------------------------------------------------------------------


def test_kibana_opens_on_the_time_range_of_our_own_objects() -> None:
    text = (DOCKER / "kibana.yml").read_text()
    (configured,) = re.findall(r"""^  "timepicker:timeDefaults": '(.+)'$""", text, re.MULTILINE)
    assert json.loads(configured) == TIME_RANGE
    named = set(re.findall(r"\$\{(\w+)\}", text))
    exported = re.findall(r"^export (.+)$", (DOCKER / "kibana.sh").read_text(), re.MULTILINE)
    assert named == set(" ".join(exported).split())


# -- roles ------------------------------------------------------------------------------------------------------------


def role(name: str) -> dict[str, Any]:
    record = json.loads((DOCKER / "roles" / f"{name}.json").read_text())
    found: dict[str, Any] = record["role_descriptors"][name] if "role_descriptors" in record else record
    return found


@pytest.mark.parametrize(
    ("name", "index_privileges", "kibana"),
    [
        ("indexer", ["read", "write", "maintenance", "view_index_metadata"], False),
        ("reindexer", ["read", "write", "manage"], False),
        ("reader", ["read", "view_index_metadata"], False),
        ("newsroom", ["read", "view_index_metadata"], True),
        ("importer", None, True),
    ],
)
def test_each_role_has_only_the_privileges_it_needs(
    name: str, index_privileges: list[str] | None, kibana: bool
) -> None:
    found = role(name)
    assert found["cluster"] in ([], ["monitor"])
    expected = [{"names": ["news", "news-v*"], "privileges": index_privileges}] if index_privileges else []
    assert found["indices"] == expected
    space = {"application": "kibana-.kibana", "privileges": ["space_all"], "resources": ["space:default"]}
    assert found.get("applications", []) == ([space] if kibana else [])


# -- secrets.sh, really run -------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder in which the volumes are mounted."""
    return tmp_path / "root"


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


FILES = {
    "secrets/ca.key": 0o400,
    "ca/ca.crt": 0o444,
    "elasticsearch/tls.key": 0o400,
    "elasticsearch/tls.crt": 0o444,
    "elasticsearch/elastic.password": 0o400,
    "kibana/kibana_system.password": 0o400,
    "kibana/encryption.key": 0o400,
}


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run([tool("openssl"), *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_whole(root: Path, host: str = "elasticsearch") -> None:
    """Every file exists with its permissions, and the certificate is valid for its names."""
    assert set(contents(root)) == set(FILES)
    for name, mode in FILES.items():
        assert stat.S_IMODE((root / name).stat().st_mode) == mode, name
    crt, key = root / "elasticsearch/tls.crt", root / "elasticsearch/tls.key"
    for name in (host, "localhost"):
        openssl("verify", "-x509_strict", "-CAfile", root / "ca/ca.crt", "-verify_hostname", name, crt)
    openssl("verify", "-x509_strict", "-CAfile", root / "ca/ca.crt", "-verify_ip", "127.0.0.1", crt)
    assert openssl("x509", "-in", crt, "-noout", "-pubkey") == openssl("pkey", "-in", key, "-pubout")
    passwords = {(root / name).read_text() for name in FILES if name.endswith((".password", "encryption.key"))}
    assert len(passwords) == 3
    assert all(re.fullmatch("[0-9a-f]{48}", each) for each in passwords)  # Kibana needs at least 32


@pytest.mark.processes
def test_a_second_run_keeps_the_secrets(root: Path) -> None:
    make_secrets(root)
    check_whole(root)
    before = contents(root)
    assert make_secrets(root) == "Certificates and passwords are ready.\n"
    assert contents(root) == before


def cut_short(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def expired(path: Path) -> None:
    """Replace the certificate by one for the same key that expires in a week."""
    key = path.with_name("tls.key")
    certificate = openssl("req", "-x509", "-new", "-key", key, "-days", "7", "-subj", "/CN=elasticsearch")
    path.chmod(0o600)
    path.write_text(certificate)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("damage", "names"),
    [
        (Path.unlink, ["elasticsearch/tls.crt"]),
        (Path.unlink, ["elasticsearch/tls.key"]),
        (Path.unlink, ["ca/ca.crt"]),
        (Path.unlink, ["secrets/ca.key"]),
        (Path.unlink, ["secrets/ca.key", "ca/ca.crt", "elasticsearch/elastic.password"]),
        (cut_short, ["elasticsearch/tls.crt", "elasticsearch/tls.key"]),
        (expired, ["elasticsearch/tls.crt"]),
    ],
)
def test_lost_or_damaged_files_are_made_again_and_match_the_others(
    root: Path, damage: Callable[[Path], object], names: list[str]
) -> None:
    make_secrets(root)
    before = contents(root)
    for name in names:
        damage(root / name)
    make_secrets(root)
    check_whole(root)
    passwords = {name for name in FILES if name.endswith((".password", "encryption.key"))} - set(names)
    assert all(contents(root)[name] == before[name] for name in passwords)


@pytest.mark.processes
def test_a_new_host_name_gets_a_new_certificate_of_the_same_authority(root: Path) -> None:
    make_secrets(root)
    before = contents(root)
    make_secrets(root, "search.example")
    check_whole(root, "search.example")
    changed = {name for name, content in contents(root).items() if content != before[name]}
    assert changed == {"elasticsearch/tls.crt"}


@pytest.mark.processes
def test_after_a_kill_at_any_file_the_next_run_completes(tmp_path: Path) -> None:
    """A fake `mv`, first on PATH, kills the script with SIGKILL instead of its nth move."""
    moves = len(FILES)
    for nth in range(1, moves + 1):
        root, folder = tmp_path / f"root{nth}", tmp_path / f"bin{nth}"
        folder.mkdir()
        fake = folder / "mv"
        fake.write_text(
            f'#!/bin/bash\necho >>{folder}/moves\n[ "$(wc -l <{folder}/moves)" -lt {nth} ] || kill -9 0  # the group\n'
            f'exec {shutil.which("mv")} "$@"\n'
        )
        fake.chmod(0o755)
        child = subprocess.run(
            [DOCKER / "secrets.sh", root],
            env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
            start_new_session=True,
            capture_output=True,
        )
        assert child.returncode == -signal.SIGKILL
        assert len(set(contents(root)) & set(FILES)) == nth - 1
        make_secrets(root)
        check_whole(root)
