"""The master key is changed: every stored key opens with the new one alone, whenever the change was interrupted."""

import base64
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.accounts.registry import load_accounts
from monitor.commands import rotate_master_key
from monitor.commands.rotate_master_key import run_rotation
from monitor.settings import Settings
from sql.errors import CredentialsError
from sql.vault import MASTER_FILE, NEXT_FILE, Secret, open_vault
from tests.venue import KEY, SECRET, Opener, RunningVenue
from tests.worker import Opener as WorkerOpener
from tests.worker import Worker

STORY = (
    "".join(f"\n+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789" for name in "ab") + "\n"
)


@pytest.fixture
def two(open_venue: Opener, open_worker: WorkerOpener) -> Worker:
    worker = open_worker(open_venue(STORY))
    for name in "ab":
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    return worker


def rotate(worker: Worker, settings: Settings | None = None) -> int:
    now = worker.rows("select now() as now")[0]["now"]
    return run_rotation(worker.db, settings or worker.settings, Namespace(), now)


def opened(worker: Worker, settings: Settings | None = None) -> list[tuple[str, str]]:
    """Key and secret of each account that can be opened, else the reason."""
    found = load_accounts(worker.db, settings or worker.settings)
    return [(one.problem or one.key.value, one.credentials.secret.value) for one in found]


EXPECTED = [(f"key-{name}-0123456789", f"secret-{name}-0123456789") for name in "ab"]


def test_every_key_opens_with_the_new_master_key_and_none_with_the_old(two: Worker) -> None:
    before = two.rows("select * from api_credentials order by account_id")
    old = open_vault(two.settings)
    assert rotate(two) == 0

    assert opened(two) == EXPECTED
    after = two.rows("select * from api_credentials order by account_id")
    assert {row["master_key_id"] for row in after} == {open_vault(two.settings).key_id} != {old.key_id}
    assert not {bytes(row["sealed_key"]) for row in before} & {bytes(row["sealed_key"]) for row in after}
    with pytest.raises(CredentialsError):
        old.open(1, "key", after[0]["master_key_id"], bytes(after[0]["sealed_key"]))
    assert (two.settings.data_dir / f"{MASTER_FILE}.{old.key_id}").stat().st_mode & 0o777 == 0o600
    assert (two.settings.data_dir / MASTER_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["open_next_vault", "reseal_credentials", "put_in_place"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_rotation_is_finished_by_the_same_command(
    two: Worker, monkeypatch: pytest.MonkeyPatch, place: str, when: str
) -> None:
    real = getattr(rotate_master_key, place)

    def interrupted(*arguments: object) -> object:
        if when == "after":
            real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rotate_master_key, place, interrupted)
        with pytest.raises(KeyboardInterrupt):
            rotate(two)
    found = opened(two)
    assert found == EXPECTED or all("rotate-master-key" in problem for problem, _ in found)
    assert rotate(two) == 0
    assert opened(two) == EXPECTED


def test_killed_before_the_new_file_takes_its_place_nothing_is_lost(
    two: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = two.settings.data_dir

    def killed(path: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(two)
    assert (folder / NEXT_FILE).exists()
    assert rotate(two) == 0
    assert opened(two) == EXPECTED
    assert not (folder / NEXT_FILE).exists()


def test_a_key_of_another_master_key_stops_the_rotation_and_changes_nothing(two: Worker) -> None:
    two.db.execute("update api_credentials set master_key_id = 'another' where account_id = 2")
    before = two.rows("select * from api_credentials order by account_id")
    with pytest.raises(CredentialsError, match="master key another"):
        rotate(two)
    assert two.rows("select * from api_credentials order by account_id") == before
    assert opened(two)[0] == EXPECTED[0]


def test_a_master_key_that_is_a_setting_needs_the_next_one_as_a_setting(
    venue: RunningVenue, open_worker: WorkerOpener, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = open_worker(venue)
    one, other = (Secret(base64.b64encode(bytes([number] * 32)).decode()) for number in (1, 2))
    worker.settings = replace(worker.settings, master_key=one)
    worker.add()
    with pytest.raises(CredentialsError, match="NEW_MASTER_KEY"):
        rotate(worker)
    assert rotate(worker, replace(worker.settings, new_master_key=other)) == 0
    assert "Now set MASTER_KEY" in capsys.readouterr().out
    assert opened(worker, replace(worker.settings, master_key=other)) == [(KEY, SECRET)]
