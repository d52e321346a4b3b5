"""The compose file, the image and the setup's scripts: their form, what they let whom see, and the secrets made twice.

Docker itself is not run here. What Elasticsearch answers to `docker/security.sh` is in `test_docker_security.py`.
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
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kibana.objects import TIME_RANGE

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
SCRIPTS = sorted(DOCKER.glob("*.sh"))


def tool(name: str) -> str:
    """A checker of `requirements-dev.txt`; without it a test is skipped, and fails in CI."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None and os.environ.get("CI") != "true":
        pytest.skip(f"needs {name} (requirements-dev.txt)")
    assert found is not None, f"CI must have {name}"
    return found


@cache
def compose() -> dict[str, Any]:
    try:
        from ruamel.yaml import YAML
    except ModuleNotFoundError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("needs ruamel.yaml (requirements-dev.txt)")
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "docker-compose.yml").read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def mounts(service: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Each volume or path that a service sees: where, and whether it may write."""
    parts = [each.split(":") for each in service.get("volumes", ())]
    return {part[0]: (part[1], part[2:] != ["ro"]) for part in parts}


# -- form -------------------------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_the_compose_file_passes_the_compose_specification_s_schema() -> None:
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


def test_images_have_bare_names_and_one_exact_version() -> None:
    images = {name: service["image"] for name, service in services().items()}
    assert set(images.values()) == {"elasticsearch:9.5.3", "kibana:9.5.3", "kliping"}
    assert not any("build" in services()[name] for name, image in images.items() if image != "kliping")


def test_nothing_is_published_beyond_this_machine() -> None:
    published = [port for service in services().values() for port in service.get("ports", ())]
    assert sorted(published) == ["127.0.0.1:5601:5601", "127.0.0.1:9200:9200"]


def test_every_service_has_a_memory_limit_and_every_lasting_one_a_health_check() -> None:
    lasting = {name for name, service in services().items() if service.get("restart") == "unless-stopped"}
    assert lasting == {"elasticsearch", "kibana", "scheduler"}
    for name, service in services().items():
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert ("healthcheck" in service) == (name in lasting), name


def test_every_service_waits_for_what_it_needs_and_the_scheduler_for_no_index() -> None:
    def needs(name: str) -> Iterator[str]:
        for each, condition in services()[name].get("depends_on", {}).items():
            healthy = services()[each].get("restart") == "unless-stopped"
            assert condition == {"condition": "service_healthy" if healthy else "service_completed_successfully"}
            yield each
            yield from needs(each)

    assert list(needs("kibana-objects")) == ["kibana", "security", "elasticsearch", "secrets"]
    assert list(needs("index")) == list(needs("scheduler")) == ["security", "elasticsearch", "secrets"]


def test_every_volume_is_declared_and_used_and_every_mounted_file_is_there() -> None:
    used = {source for service in services().values() for source in mounts(service)}
    paths = {source for source in used if source.startswith(".")}
    assert used - paths == set(compose()["volumes"])
    assert all((ROOT / path).exists() for path in paths)


def test_each_service_sees_the_secrets_that_are_its_own() -> None:
    """The scheduler, which reads the open web, has the indexer's key and nothing else."""
    seen = {
        name: {source: write for source, (_, write) in mounts(service).items() if source.endswith(("secrets", "ca"))}
        for name, service in services().items()
    }
    assert seen == {
        "secrets": {"secrets": True, "ca": True, "elasticsearch-secrets": True, "kibana-secrets": True},
        "elasticsearch": {"elasticsearch-secrets": False, "ca": False},
        "security": {
            **{"secrets": True, "scheduler-secrets": True},
            **{"ca": False, "elasticsearch-secrets": False, "kibana-secrets": False},
        },
        "index": {"secrets": False, "ca": False},
        "kibana": {"kibana-secrets": False, "ca": False},
        "kibana-objects": {"secrets": False, "ca": False},
        "scheduler": {"scheduler-secrets": False, "ca": False},
    }


def test_no_secret_stands_in_the_compose_file() -> None:
    for service in services().values():
        environment = service.get("environment", {})
        names = environment if isinstance(environment, dict) else [each.partition("=")[0] for each in environment]
        for name in names:
            assert name.endswith("_FILE") or not re.search("PASSWORD|KEY|SECRET|TOKEN", name), name


def test_our_services_run_without_root_and_privileges_but_the_one_that_gives_files_away() -> None:
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


def test_every_room_goes_into_the_image_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {each.rstrip("*") for each in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert {each.rstrip("/") for each in let_in if each.endswith("/")} == rooms
    copied = set(re.findall(r"docker/\S+", (ROOT / "Dockerfile").read_text()))
    assert {each for each in let_in if not each.endswith("/")} == {
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
def test_the_entrypoint_gives_the_command_its_key_from_a_file(tmp_path: Path) -> None:
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
def test_the_scheduler_is_healthy_while_its_lease_is_held(tmp_path: Path) -> None:
    from archive.leases import acquire
    from tests.support.children import opened

    def look() -> int:
        environment = {**os.environ, "KLIPING_HOME": str(tmp_path)}
        return subprocess.run([sys.executable, DOCKER / "scheduler_health.py"], env=environment, cwd=ROOT).returncode

    with opened(tmp_path) as archive:
        assert look() == 1
        lease = acquire(archive, "scheduler", seconds=600)
        assert lease is not None
        assert look() == 0
        lease.release()
        assert look() == 1


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
    (given,) = re.findall(r"""^  "timepicker:timeDefaults": '(.+)'$""", text, re.MULTILINE)
    assert json.loads(given) == TIME_RANGE
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
def test_each_role_may_do_its_own_work_and_no_more(name: str, index_privileges: list[str] | None, kibana: bool) -> None:
    found = role(name)
    assert found["cluster"] in ([], ["monitor"])
    wanted = [{"names": ["news", "news-v*"], "privileges": index_privileges}] if index_privileges else []
    assert found["indices"] == wanted
    space = {"application": "kibana-.kibana", "privileges": ["space_all"], "resources": ["space:default"]}
    assert found.get("applications", []) == ([space] if kibana else [])


# -- secrets.sh, for real ---------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the volumes are mounted."""
    return tmp_path / "root"


def make_secrets(root: Path, host: str = "elasticsearch") -> str:
    done = subprocess.run([DOCKER / "secrets.sh", root, host], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    """Everything is there, with its rights, and the certificate serves for its names."""
    assert set(contents(root)) == set(FILES)
    for name, mode in FILES.items():
        assert stat.S_IMODE((root / name).stat().st_mode) == mode, name
    crt, key = root / "elasticsearch/tls.crt", root / "elasticsearch/tls.key"
    for wanted in (host, "localhost"):
        openssl("verify", "-x509_strict", "-CAfile", root / "ca/ca.crt", "-verify_hostname", wanted, crt)
    openssl("verify", "-x509_strict", "-CAfile", root / "ca/ca.crt", "-verify_ip", "127.0.0.1", crt)
    assert openssl("x509", "-in", crt, "-noout", "-pubkey") == openssl("pkey", "-in", key, "-pubout")
    passwords = {(root / name).read_text() for name in FILES if name.endswith((".password", "encryption.key"))}
    assert len(passwords) == 3
    assert all(re.fullmatch("[0-9a-f]{48}", each) for each in passwords)  # Kibana wants 32 at the least


@pytest.mark.processes
def test_secrets_are_made_once_and_kept_by_a_second_run(root: Path) -> None:
    make_secrets(root)
    check_whole(root)
    before = contents(root)
    assert make_secrets(root) == "Certificates and passwords are there.\n"
    assert contents(root) == before


def cut_short(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def expired(path: Path) -> None:
    """In place of the certificate one of the same key that ends in a week."""
    key = path.with_name("tls.key")
    made = openssl("req", "-x509", "-new", "-key", key, "-days", "7", "-subj", "/CN=elasticsearch")
    path.chmod(0o600)
    path.write_text(made)


@pytest.mark.parametrize(
    ("harm", "names"),
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
def test_what_is_lost_or_spoilt_is_made_again_and_fits_the_rest(
    root: Path, harm: Callable[[Path], object], names: list[str]
) -> None:
    make_secrets(root)
    before = contents(root)
    for name in names:
        harm(root / name)
    make_secrets(root)
    check_whole(root)
    passwords = {name for name in FILES if name.endswith((".password", "encryption.key"))} - set(names)
    assert all(contents(root)[name] == before[name] for name in passwords)


@pytest.mark.processes
def test_another_host_name_gets_another_certificate_of_the_same_authority(root: Path) -> None:
    make_secrets(root)
    before = contents(root)
    make_secrets(root, "search.example")
    check_whole(root, "search.example")
    changed = {name for name, content in contents(root).items() if content != before[name]}
    assert changed == {"elasticsearch/tls.crt"}


@pytest.mark.processes
def test_killed_after_any_file_the_next_run_completes(tmp_path: Path) -> None:
    """A `mv` of our own, first on the path, kills the script with SIGKILL instead of its nth move into place."""
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
