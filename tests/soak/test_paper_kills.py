"""The platform is killed while eight clients trade, again and again: what was acknowledged is there, and every law holds.

SOAK_KILLS and SOAK_SEED say how often, and at which moments; a hundred take about ten minutes.
"""

import os
import random
import signal
import threading
import time
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from paper.market.simulated import SimulatedMarket
from paper.storage.laws import list_breaches
from sql.connect import connect
from sql.rows import load_dict
from tests.paper.platform.served import Client, Served
from tests.postgres import Database, Server, open_database

KILLS, SEED = int(os.environ.get("SOAK_KILLS", "100")), int(os.environ.get("SOAK_SEED", "1"))
CLIENTS = 8
SYMBOLS = SimulatedMarket(7).symbols.values()
ENDED = ("CANCELED", "EXPIRED", "FILLED")


class Trader:
    """Who trades until nobody answers any more, and remembers what was acknowledged."""

    def __init__(self, key: str, secret: str, seed: int) -> None:
        self.key, self.secret, self.draw = key, secret, random.Random(seed)
        self.acknowledged: dict[int, str] = {}  # orders, with the status that was told last
        self.heard = threading.Event()  # since it was cleared last

    def trade(self, url: str) -> None:
        """One order after another, now and then one is taken back."""
        client = Client(url=url, key=self.key, secret=self.secret)
        while True:
            try:
                self._note(self._act(client))
            except urllib.error.HTTPError as error:
                error.read()
                time.sleep(0.01)  # a limit: the venue is there
            except (OSError, ValueError, EOFError):
                return  # killed

    def _act(self, client: Client) -> dict[str, Any]:
        waiting = [number for number, status in self.acknowledged.items() if status not in ENDED]
        if waiting and (len(waiting) > 100 or self.draw.random() < 0.3):
            number = self.draw.choice(waiting)
            try:
                return dict(client.ask("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=number))
            except urllib.error.HTTPError as error:
                error.read()
                self.acknowledged[number] = "FILLED"  # filled, or taken back by a command that was not acknowledged
                return {}
        price = self.draw.choice(["20000", "30000", "60000", "150000"])
        side = self.draw.choice(["BUY", "BUY", "SELL"])
        return dict(client.limit(side, "0.0005", price))

    def _note(self, told: dict[str, Any]) -> None:
        if told:
            self.acknowledged[told["orderId"]] = told["status"]
            self.heard.set()


@pytest.fixture
def fresh(server: Server) -> Any:
    """A database of its own, on a server that forgets nothing."""
    with open_database(server) as database:
        yield database


def test_what_was_acknowledged_survives_every_kill(fresh: Database, tmp_path: Path) -> None:
    served, draw = Served(database=fresh, data_dir=tmp_path), random.Random(SEED)
    traders = [Trader(*served.add_user()[0], seed=number) for number in range(CLIENTS)]
    for kill in range(1, KILLS + 1):
        url = served.start().url
        threads = [threading.Thread(target=one.trade, args=(url,)) for one in traders]
        traders[0].heard.clear()
        for thread in threads:
            thread.start()
        traders[0].heard.wait(30)
        time.sleep(draw.uniform(0, 0.8))
        served.end(signal.SIGKILL)
        for thread in threads:
            thread.join(30)
        assert judge(fresh, traders) == [], f"after kill {kill}"
    total = sum(len(one.acknowledged) for one in traders)
    print(f"{KILLS} kills, {total:,} acknowledged orders, none lost")
    assert total > KILLS


def judge(database: Database, traders: list[Trader]) -> list[str]:
    """What is wrong."""
    with connect(database.paper_url, name="soak", schema="paper") as db:
        stored = load_dict(db, "select id, upper(status) from orders")
        found = list_breaches(db, SYMBOLS)
    for trader in traders:
        found += [f"order {one} is lost" for one in trader.acknowledged if one not in stored]
        found += [
            f"order {one} was {told}, and is {stored[one]}"
            for one, told in trader.acknowledged.items()
            if told in ("CANCELED", "EXPIRED") and stored.get(one) not in (told, None)
        ]
    return found
