"""A backup that is restored underneath the dashboard: readers wait or see what is there then, and never half of both."""

import threading
import time
from pathlib import Path

from sql.backup import back_up, restore
from sql.connect import connect
from tests.dashboard.site import Site
from tests.postgres import Database

PERIODS = ("7d", "30d", "90d", "1y", "all")


def test_pages_survive_a_restore_underneath_them(own_site: Site, database: Database, tmp_path: Path) -> None:
    back_up(database.owner_url, tmp_path / "backup")
    asked = [f"{path}?period={period}" for path in ("/", "/holdings", "/flows") for period in PERIODS]
    before = [own_site.get(path).status_code for path in (*asked, "/health", "/api/flows")]
    restore(database.owner_url, tmp_path / "backup", replace=True)
    with connect(database.owner_url, name="test") as db:
        db.execute("update monitor.accounts set label = 'restored' where id = 1")
    after = [own_site.get(path) for path in (*asked, "/health", "/api/flows")]

    assert [answer.status_code for answer in after] == before
    assert all("restored" in answer.text for answer in after[: len(asked)])


def test_who_asks_during_a_restore_waits_and_sees_no_empty_database(
    own_site: Site, database: Database, tmp_path: Path
) -> None:
    back_up(database.owner_url, tmp_path / "backup")
    answers: list[tuple[int, str]] = []
    is_over = threading.Event()

    def ask(path: str) -> None:
        while not is_over.is_set():
            answer = own_site.get(path)
            answers.append((answer.status_code, answer.text))

    readers = [threading.Thread(target=ask, args=(f"/?period={period}",)) for period in PERIODS[:3]]
    for reader in readers:
        reader.start()
    for _ in range(2):
        restore(database.owner_url, tmp_path / "backup", replace=True)
        time.sleep(0.2)
    is_over.set()
    for reader in readers:
        reader.join()

    assert {status for status, _ in answers} <= {200, 503}  # between the restore and its rights nobody may read
    assert own_site.get("/").status_code == 200
    assert [text for _, text in answers if "No accounts yet" in text] == []
