"""The settings of the platform's users, its own master key, and what whoever runs it does with that."""

import argparse
import base64
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from paper import granting
from paper.__main__ import main as program
from paper.api.policy import open_keys, read_keys, read_policy
from paper.users.records import Role
from paper.users.refusals import Unknown
from paper.users.signed_tokens import Type
from sql.errors import CredentialsError, SettingsFault, UsageFault
from tests.paper.api.site import MASTER_KEY, PASSWORD, START, Site


def test_who_may_register_depends_on_where_it_listens() -> None:
    assert [read_policy({}, host).is_open for host in ("127.0.0.1", "::1", "0.0.0.0", "192.0.2.1")] == [
        True,
        True,
        False,
        False,
    ]
    assert read_policy({"PAPER_REGISTRATION": "open"}, "0.0.0.0").is_open
    assert not read_policy({"PAPER_REGISTRATION": "invite"}, "127.0.0.1").is_open


def test_names_and_proxies() -> None:
    found = read_policy(
        {"PAPER_NAMES": "Paper.Example.com, other", "PAPER_PROXIES": "10.0.0.5 2001:db8::/64"}, "127.0.0.1"
    )

    assert found.names == {"paper.example.com", "other"}
    assert found.proxies == {ip_network("10.0.0.5/32"), ip_network("2001:db8::/64")}


@pytest.mark.parametrize(
    ("name", "value"),
    [("PAPER_REGISTRATION", "maybe"), ("PAPER_NAMES", "https://x"), ("PAPER_NAMES", "x:80"), ("PAPER_PROXIES", "proxy"),
     ("PAPER_PROXIES", "10.0.0.1/24")],
)  # fmt: skip
def test_what_is_no_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsFault, match=name):
        read_policy({name: value}, "127.0.0.1")


def test_the_platform_has_a_master_key_of_its_own(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path)}
    vault, signer = open_keys(read_keys(environment))
    token = signer.sign(Type.ACCESS, "ann", START)

    assert (tmp_path / "paper" / "master.key").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "master.key").exists()
    again, other = open_keys(read_keys(environment))[1], open_keys(read_keys({"PAPER_MASTER_KEY": MASTER_KEY}))
    assert again.read(token, Type.ACCESS, START).subject == "ann"  # a restart ends no session
    with pytest.raises(Unknown):
        other[1].read(token, Type.ACCESS, START)
    assert vault.derive(b"one") != vault.derive(b"two") != other[0].derive(b"two")
    with pytest.raises(CredentialsError):
        open_keys(read_keys({"PAPER_MASTER_KEY": "short"}))


def do(capsys: pytest.CaptureFixture[str], *words: str, key: str = MASTER_KEY) -> str:
    parser = argparse.ArgumentParser()
    granting.add_arguments(parser)
    granting.run(parser.parse_args(words), {"PAPER_MASTER_KEY": key}, START)
    return capsys.readouterr().out


def test_the_first_admin_is_granted_by_who_has_the_master_key(
    served: tuple[Site, str], capsys: pytest.CaptureFixture[str]
) -> None:
    site, url = served
    user = site.join("ann@example.com")
    assert do(capsys, "grant", "ANN@example.com", "--url", url) == "ann@example.com is admin now.\n"
    known = site.directory.user(user.id)
    assert known and known.role is Role.ADMIN
    assert do(capsys, "grant", "ann@example.com", "user", "--url", url) == "ann@example.com is user now.\n"
    assert [(one.actor, one.new_values) for one in site.journal.entries if one.action == "grant"] == [
        ("operator", {"role": "admin"}),
        ("operator", {"role": "user"}),
    ]
    other = base64.b64encode(b"x" * 32).decode()
    for email, key, said in (
        ("bob@example.com", MASTER_KEY, "Nobody has registered"),
        ("bob", MASTER_KEY, "no e-mail address"),
        ("ann@example.com", other, "refused .401"),
    ):
        with pytest.raises(UsageFault, match=said):
            do(capsys, "grant", email, "--url", url, key=key)
    with pytest.raises(UsageFault, match="did not answer"):
        do(capsys, "grant", "ann@example.com", "--url", "http://127.0.0.1:9")


def test_the_command_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["python -m paper", "user", "invite", "nobody"])
    assert program() == 2
    assert capsys.readouterr().err == "'nobody' is no e-mail address like name@example.com.\n"


def test_an_invitation_lets_one_in(served: tuple[Site, str], capsys: pytest.CaptureFixture[str]) -> None:
    site, _ = served
    invitation = do(capsys, "invite", "Eve@example.com").strip()
    told = {"email": "eve@example.com", "password": PASSWORD, "name": "Eve", "invitation": invitation}

    assert site.ask("POST", "/api/users", told | {"email": "other@example.com"}).status_code == 403
    assert site.ask("POST", "/api/users", told).status_code == 201
