"""The server's files: fetched with Maven, unpacked once, with the analysis plugin compiled into them.

Maven Central has Elastic's own server for integration tests: the server with transport, x-pack-core and security,
without the other modules. `plugin/DocumentedAnalysis.java` registers the analysis components that we use.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "9.5.3"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
OLDEST_JAVA = 21
USER = "kliping-tests"
"""User that runs the server when the tests run as root, which Elasticsearch refuses."""
PLUGIN = Path(__file__).parent / "plugin" / "DocumentedAnalysis.java"
DESCRIPTOR = f"""\
description=Analysis components of the reference, for tests
version=1
name=documented-analysis
classname=kliping.tests.DocumentedAnalysis
java.version={OLDEST_JAVA}
elasticsearch.version={VERSION}
"""


class NotAvailableError(Exception):
    """No server is available on this machine; the message says what is missing and how to get it."""


def java_home() -> Path:
    """A JDK that is new enough: `KLIPING_TEST_JAVA_HOME`, or the newest in the usual folders.

    Raises NotAvailableError.
    """
    named = os.environ.get("KLIPING_TEST_JAVA_HOME")
    if named:
        if _release(Path(named)) < OLDEST_JAVA:
            raise NotAvailableError(
                f"KLIPING_TEST_JAVA_HOME is {named}, and no JDK of version {OLDEST_JAVA} or newer is there."
            )
        return Path(named)
    folders = (Path("/usr/lib/jvm"), Path("/opt/java"), Path("/Library/Java/JavaVirtualMachines"))
    kept = [each for folder in folders if folder.is_dir() for each in folder.iterdir()]
    newest = max((home for each in kept for home in (each, each / "Contents" / "Home")), key=_release, default=None)
    if newest is None or _release(newest) < OLDEST_JAVA:
        raise NotAvailableError(
            f"There is no JDK {OLDEST_JAVA} or newer; set KLIPING_TEST_JAVA_HOME to one (Temurin has them)."
        )
    return newest


def _release(home: Path) -> int:
    """The major version of a JDK; 0 where there is none."""
    try:
        lines = (home / "release").read_text().splitlines()
    except OSError:
        return 0
    if not (home / "bin" / "javac").exists():
        return 0
    version = next((line.partition("=")[2].strip('"') for line in lines if line.startswith("JAVA_VERSION=")), "0")
    return int(version.split(".")[0])


def cache() -> Path:
    """The folder that keeps the unpacked server between runs, readable by the user that runs it."""
    if os.geteuid() == 0:
        return Path("/var/cache/kliping-tests")
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kliping-tests"


def server_home(java: Path) -> Path:
    """The folder of the unpacked server with our plugin in it, made at the first call. Raises NotAvailableError."""
    source = PLUGIN.read_bytes() + DESCRIPTOR.encode()
    home = cache() / f"elasticsearch-{VERSION}-{hashlib.sha256(source).hexdigest()[:12]}"
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with _working_folder(home.parent) as making:
            _fetch(making)
            unpacked = making / f"elasticsearch-{VERSION}"
            _unpack(making / f"{unpacked.name}.zip", making)
            _build_plugin(java, unpacked)
            try:
                unpacked.rename(home)
            except OSError:
                if not home.is_dir():  # otherwise another run has made it meanwhile
                    raise
    return home


@contextmanager
def _working_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".making-", dir=parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(to: Path) -> None:
    if shutil.which("mvn") is None:
        raise NotAvailableError("Maven (`mvn`) is not installed; it fetches the server.")
    command = ["mvn", "-B", "-q", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={to}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=to)
    if done.returncode != 0:
        raise NotAvailableError(f"Maven could not fetch {ARTIFACT}: {(done.stdout + done.stderr)[-800:]}")


def _unpack(archive: Path, to: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        file.extractall(to)
        for entry in file.infolist():
            mode = entry.external_attr >> 16
            if mode:
                (to / entry.filename).chmod(mode & 0o755 | 0o444)


def _build_plugin(java: Path, home: Path) -> None:
    folder = home / "plugins" / "documented-analysis"
    classes = home.parent / "classes"
    for each in (folder, classes):
        each.mkdir(parents=True)
    libraries = str(home / "lib" / "*")
    compiling = [java / "bin" / "javac", "--release", str(OLDEST_JAVA), "-Xlint:all", "-Werror", "-proc:none"]
    subprocess.run([*compiling, "-cp", libraries, "-d", classes, PLUGIN], check=True)
    subprocess.run([java / "bin" / "jar", "cf", folder / "documented-analysis.jar", "-C", classes, "."], check=True)
    (folder / "plugin-descriptor.properties").write_text(DESCRIPTOR)
