"""The platform as a program of its own, that tests start, kill and start again; and a client in ten lines that signs."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.postgres import Database

PROGRAM = (sys.executable, "-m", "paper")


@dataclass(kw_only=True)
class Served:
    """`python -m paper serve` on a database."""

    database: Database
    data_dir: Path
    process: subprocess.Popen[str] | None = None
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        names = {
            "PAPER_DATABASE_URL": self.database.paper_url,
            "PAPER_READER_DATABASE_URL": self.database.paper_reader_url,
        }
        return os.environ | names | {"DATA_DIR": str(self.data_dir)}

    def start(self, **more: str) -> "Served":
        """Start it, and wait until it says where it answers."""
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0"],
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().partition(": ")[2].strip()
        assert self.url, self.end()
        return self

    def end(self, number: int = signal.SIGKILL) -> tuple[int, str]:
        """Send a signal, 0 for none, and wait: the exit code, and what was said of faults."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said

    def run(self, *words: str) -> str:
        """What a command prints."""
        return subprocess.run(
            [*PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=True
        ).stdout

    def add_user(self) -> list[tuple[str, str]]:
        """A new account: its key and secret that may trade, and those that only read."""
        told = self.run("user", "add", "test", "--read")
        return list(zip(re.findall(r"key \(.*\): (\w+)", told), re.findall(r"secret: (\w+)", told), strict=True))


@dataclass(kw_only=True)
class Client:
    """Who signs requests."""

    url: str
    key: str
    secret: str = field(repr=False)
    stamp: Callable[[], int] = lambda: int(time.time() * 1_000)

    def ask(self, method: str, path: str, **asked: Any) -> Any:
        """The answer. Raises HTTPError for a refusal, OSError where nobody answers."""
        asked |= {"timestamp": self.stamp(), "recvWindow": 60_000}
        query = urllib.parse.urlencode(asked)
        signature = hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            f"{self.url}{path}?{query}&signature={signature}", method=method, headers={"X-MBX-APIKEY": self.key}
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    def refusal(self, method: str, path: str, **asked: Any) -> tuple[int, int]:
        """Status and code of a refusal."""
        try:
            told = self.ask(method, path, **asked)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["code"]
        raise AssertionError(f"not refused: {told}")

    def limit(self, side: str, quantity: str, price: str, **more: Any) -> Any:
        """A limit order of bitcoin."""
        return self.ask("POST", "/api/v3/order", symbol="BTCUSDT", side=side, type="LIMIT", timeInForce="GTC",
                        quantity=quantity, price=price, **more)  # fmt: skip
