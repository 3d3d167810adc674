"""`make paper`: the platform for trading with play money, a user with a trading bot, monitor and dashboard, on this machine.

The bot's account is a user like any other, made by the same requests; its key that may trade is the bot's, its key that only
reads the monitor's. Everything lies in data/paper and outlives restarts. Ctrl-C ends all of it. MARKET=live trades at
Binance's own prices.
"""

import json
import os
import secrets
import sys
import urllib.request
from pathlib import Path
from typing import Any

from programs import Programs, free_port

paper = Programs("paper")


def main() -> int:
    """Prepare, serve until interrupted, and return the exit code."""
    return paper.live(prepare_and_serve)


def prepare_and_serve() -> int:
    """Database, platform, a user with two keys, bot, monitor, page."""
    paper.leave_real_accounts_alone()
    if not paper.open_database():
        return 4
    exchange = start_platform()
    os.environ["BINANCE_BASE_URL"] = exchange
    keys = make_user(exchange)
    paper.start("deploy/bot.py", exchange, str(keys["bot"]))
    reading = json.loads(keys["monitor"].read_text(encoding="ascii"))
    if not paper.add_account("bot", "binance", f"{reading['key']}\n{reading['secret']}\n"):
        return 4
    if paper.run("-m", "monitor", "run", quiet=True) not in (0, 1, 3):
        return 4
    address, scheduler = paper.start_scheduler()
    if not paper.await_page(address, scheduler):
        return 4
    print(f"ready: {address} shows what the bot does; {exchange} is the exchange for your own clients", flush=True)
    print("       (README, Trading with play money, says how to register; Ctrl-C stops everything)", flush=True)
    return scheduler.wait()


def start_platform() -> str:
    """Start the paper exchange with its database; returns its address."""
    market = choose_market(os.environ.get("MARKET") or "")
    port = free_port(int(os.environ.get("PAPER_PORT") or 8100))
    child = paper.start("-m", "paper", "serve", "--port", str(port), "--market", market, read=True)
    assert child.stdout
    words = child.stdout.readline().split()
    if not words:
        raise SystemExit(f"The paper exchange did not start; {paper.data / 'paper.log'} says why.")
    return words[-1]


def choose_market(wanted: str) -> str:
    """The market of these accounts, the first time the one that is wanted: at another's prices their gains would be false."""
    file = paper.data / "market"
    known = file.read_text(encoding="ascii") if file.exists() else wanted or "simulated:7"
    if wanted not in ("", known):
        raise SystemExit(f"The accounts in {paper.data} live at the prices of {known}. Use MARKET={known}, or move the folder away "
                         f"and begin anew with {wanted}.")  # fmt: skip
    file.write_text(known, encoding="ascii")
    return known


def make_user(exchange: str) -> dict[str, Path]:
    """The bot's user with a key that trades and one that reads, made at the first start; returns the files they lie in."""
    files = {label: paper.data / f"{label}.json" for label in ("bot", "monitor")}
    if all(file.exists() for file in files.values()):
        return files
    user = {"email": f"bot-{secrets.token_hex(4)}@example.com", "password": secrets.token_urlsafe(24)}
    ask(exchange, "/api/users/register", {**user, "name": "The bot"})
    access = ask(exchange, "/api/users/login", user)["access_token"]
    for label, permissions in (("bot", ["read", "trade"]), ("monitor", ["read"])):
        wanted = {"label": label, "permissions": permissions, "kind": "hmac"}
        write_closed(files[label], ask(exchange, "/api/users/api-keys", wanted, access))
    return files


def ask(exchange: str, path: str, body: dict[str, Any], access: str = "") -> Any:
    """Send JSON, and return what was answered."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {access}"} if access else {})
    request = urllib.request.Request(exchange + path, data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def write_closed(file: Path, content: Any) -> None:
    """Write a file that only its owner may read."""
    unfinished = file.with_suffix(".new")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:
        json.dump(content, opened)
    unfinished.rename(file)


if __name__ == "__main__":
    sys.exit(main())
