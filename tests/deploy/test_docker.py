"""What can be said of the container without Docker: what it has, what it may, and that its programs start from it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sql.version import VERSION
from tests.deploy.image import HERE, copied, lay_out, read_dockerfile

INSTRUCTIONS = read_dockerfile()


@pytest.fixture
def service() -> dict[str, Any]:
    composed = yaml.safe_load((HERE / "compose.yaml").read_text())
    assert set(composed) == {"services", "volumes"} and list(composed["volumes"]) == ["data"]
    (one,) = composed["services"].values()
    assert isinstance(one, dict)
    return one


def test_everything_that_is_copied_exists_and_nothing_else_is_sent_to_the_build() -> None:
    assert [source for source in copied() if not list(HERE.glob(source))] == []
    lines = (HERE / ".dockerignore").read_text().split()
    assert lines[0] == "*" and {line[1:] for line in lines if line.startswith("!")} == set(copied())


def test_every_program_starts_from_what_is_copied(tmp_path: Path) -> None:
    lay_out(tmp_path)
    for program in (["run_forever.py"], ["-m", "monitor"], ["-m", "dashboard"], ["-m", "sql"]):
        done = subprocess.run(
            [sys.executable, *program, "--version"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        assert (done.stderr, done.stdout) == ("", f"portfolio-monitor {VERSION}\n")


def test_it_runs_as_nobody_in_particular_and_writes_to_one_volume() -> None:
    last = [one for one in INSTRUCTIONS if one.word in ("USER", "VOLUME", "CMD", "ENTRYPOINT")]
    assert [(one.word, one.rest) for one in last] == [
        ("USER", "portfolio"),
        ("VOLUME", "/data"),
        ("CMD", '["python", "run_forever.py"]'),
    ]
    making = next(one.rest for one in INSTRUCTIONS if one.rest.startswith("useradd"))
    assert "--uid 10001" in making and "--owner portfolio --group portfolio /data" in making
    environment = dict(pair.split("=", 1) for one in INSTRUCTIONS if one.word == "ENV" for pair in one.rest.split())
    assert (environment["DATA_DIR"], environment["MPLCONFIGDIR"][:5]) == ("/data", "/tmp/")
    assert all("--require-hashes" in one.rest for one in INSTRUCTIONS if "pip install" in one.rest)


def test_the_service_is_closed(service: dict[str, Any]) -> None:
    assert service["read_only"] is True and service["tmpfs"] == ["/tmp"] and service["volumes"] == ["data:/data"]
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert [port.rsplit(":", 2)[0] for port in service["ports"]] == ["127.0.0.1"]
    assert "privileged" not in service and service["init"] is True
    assert set(service["environment"]) == {"DASHBOARD_PASSWORD_HASH_FILE", "ALLOWED_HOSTS", "FORWARDED_ALLOW_IPS"}


def test_it_asks_the_dashboard_and_not_the_hours_whether_it_is_healthy() -> None:
    (check,) = [one.rest for one in INSTRUCTIONS if one.word == "HEALTHCHECK"]
    command = json.loads(re.sub(r"^.*? CMD ", "", check))
    done = subprocess.run([sys.executable, *command[1:]], cwd=HERE, capture_output=True)
    assert command[0] == "python" and (done.returncode, done.stderr) in ((0, b""), (1, b""))  # 1: nobody is at 8000
