"""The password's command, and the settings that let the dashboard be reached beyond this machine."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.access import hash_password
from dashboard.access.password import fits
from dashboard.program import main
from dashboard.settings import read_settings
from sql.errors import SettingsFault

HERE = Path(__file__).parents[2]
PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD, memory_kib=8192, rounds=1)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Typed":
    return Typed(monkeypatch, capsys)


class Typed:
    """`python -m dashboard password …` with lines of standard input."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capsys = patch, capsys

    def __call__(self, lines: str, *more: str) -> tuple[int, str, str]:
        self._patch.setattr(sys, "argv", ["python -m dashboard", "password", *more])
        self._patch.setattr(sys, "stdin", io.StringIO(lines))
        code = main()
        out, err = self._capsys.readouterr()
        return code, out, err


def test_the_command_prints_the_setting_and_never_the_password(typed: Typed) -> None:
    code, out, err = typed(f"{PASSWORD}\n{PASSWORD}\n")
    name, _, made = out.strip().partition("=")

    assert (code, name, PASSWORD in out + err) == (0, "DASHBOARD_PASSWORD_HASH", False)
    assert (
        made.startswith("$argon2id$v=19$m=65536,t=3,p=1$") and fits(made, PASSWORD) and not fits(made, PASSWORD + " ")
    )
    assert read_settings({name: made}).access.password_hash == made


def test_a_file_is_for_its_owners_eyes_and_is_replaced_whole(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "hash"
    file.write_text("old")
    assert typed(f"{PASSWORD}\n{PASSWORD}\n", "--file", str(file))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600 and list(tmp_path.iterdir()) == [file]
    assert fits(read_settings({"DASHBOARD_PASSWORD_HASH_FILE": str(file)}).access.password_hash, PASSWORD)
    code, _, err = typed(f"{PASSWORD}\n{PASSWORD}\n", "--file", str(tmp_path / "nowhere" / "hash"))
    assert (code, "can't be written" in err) == (2, True)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "It has 0 letters"),
        ("short\nshort\n", "at least 12 are needed"),
        (f"{'x' * 257}\n{'x' * 257}\n", "longer than 256 bytes"),
        (f"{PASSWORD}\n{PASSWORD}!\n", "not the same"),
        (f"{PASSWORD}\n", "not the same"),
    ],
)
def test_what_is_no_password_is_refused(typed: Typed, lines: str, said: str) -> None:
    code, out, err = typed(lines)
    assert (code, out, said in err) == (2, "", True)


def test_ctrl_c_at_the_prompt_is_no_error_of_the_program() -> None:
    ours, theirs = os.openpty()
    program = [sys.executable, "-m", "dashboard", "password"]
    child = subprocess.Popen(program, cwd=HERE, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    said = b""
    while b"New password" not in said:
        said += os.read(ours, 1024)
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 4
    said += os.read(ours, 4096)
    assert b"Interrupted. Nothing was changed." in said and b"Traceback" not in said
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "100.64.0.7", "portfolio.example.com", "127.0.0.1.nip.io"]
)
def test_beyond_this_machine_a_password_is_required(host: str) -> None:
    with pytest.raises(SettingsFault, match="is open to others, so a password is needed"):
        read_settings({"DASHBOARD_HOST": host})
    assert read_settings({"DASHBOARD_HOST": host, "DASHBOARD_PASSWORD_HASH": HASH}).host == host


def test_the_names_are_those_that_are_set_and_its_own_address() -> None:
    told = {"DASHBOARD_HOST": "100.64.0.7", "DASHBOARD_PASSWORD_HASH": HASH, "ALLOWED_HOSTS": "A.example.com, b.ts.net"}
    assert read_settings(told).access.names == {"a.example.com", "b.ts.net", "100.64.0.7"}
    assert read_settings(told | {"DASHBOARD_HOST": "fd7a::1"}).access.names == {
        "a.example.com",
        "b.ts.net",
        "[fd7a::1]",
    }
    for everywhere in ("0.0.0.0", "::"):
        assert read_settings(told | {"DASHBOARD_HOST": everywhere}).access.names == {"a.example.com", "b.ts.net"}


@pytest.mark.parametrize(
    "name", ["*", "*.ts.net", "https://a.example", "a.example:8000", "a..b", "-a", "a/b", ".", "ä.example", "x" * 300]
)
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(SettingsFault, match=r"ALLOWED_HOSTS: .* is no host name"):
        read_settings({"ALLOWED_HOSTS": name})


@pytest.mark.parametrize(
    "text",
    [PASSWORD, "$2b$12$abcdefghijklmnopqrstuv", HASH.replace("argon2id", "argon2i"), HASH.replace("m=8192", "m=8191"),
     HASH.replace("m=8192", "m=99999999"), HASH.replace("t=1", "t=99999"), HASH.partition("$v=")[0], "'" + HASH + "'"],
    ids=["password", "bcrypt", "argon2i", "little memory", "too much memory", "too many rounds", "no parts", "quoted"],
)  # fmt: skip
def test_what_is_no_hash_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingsFault, match="this is no hash of a password") as refused:
        read_settings({"DASHBOARD_PASSWORD_HASH": text})
    assert text not in str(refused.value)
