"""`make demo`: a paper exchange, two months of hourly history, and the page, all on this machine.

The account has lived on the exchange for a year. The monitor reads it once and rebuilds the last two months from the
exchange's records. Everything lies in data/demo; a second demo goes on where the first one stopped, the time between
rebuilt. Ctrl-C ends all of it.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from programs import Programs

STORY_DAYS = 365
HISTORY_DAYS = 60
ACCOUNTS = {  # label, exchange and what opens it, as the story has them
    "demo": ("binance", "demo-key-of-the-paper-exchange\ndemo-secret-of-the-paper-exchange\n"),
    "bitget": ("bitget", "demo-key-at-bitget\ndemo-secret-at-bitget\ndemo-words\n"),
    "gate": ("gate", "demo-key-at-gate\ndemo-secret-at-gate\n"),
    "mexc": ("mexc", "demo-key-at-mexc\ndemo-secret-at-mexc\n"),
}
demo = Programs("demo")


def main() -> int:
    """Prepare, serve until interrupted, and return the exit code."""
    return demo.live(prepare_and_serve)


def read_beginning() -> datetime:
    """When the story begins: 365 days before the first demo."""
    file = demo.data / "began"
    if not file.exists():
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        unfinished = file.with_suffix(".new")
        unfinished.write_text((hour - timedelta(days=STORY_DAYS)).isoformat(), encoding="ascii")
        unfinished.rename(file)
    return datetime.fromisoformat(file.read_text(encoding="ascii").strip())


def prepare_and_serve() -> int:
    """Database, paper exchange, accounts, history, page."""
    began = read_beginning()
    demo.leave_real_accounts_alone()
    if not demo.open_database():
        return 4
    os.environ |= {f"{name.upper()}_BASE_URL": address for name, address in start_paper(began).items()}
    if not all(demo.add_account(label, exchange, key) for label, (exchange, key) in ACCOUNTS.items()):
        return 4
    print("history: reading the accounts, then rebuilding what was before", flush=True)
    first = began + timedelta(days=STORY_DAYS - HISTORY_DAYS)
    for command in (("run",), ("backfill", "--from", first.isoformat())):
        if demo.run("-m", "monitor", *command, quiet=command == ("run",)) not in (0, 1):
            return 4
    address, scheduler = demo.start_scheduler()
    if not demo.await_page(address, scheduler):
        return 4
    print(f"ready: {address}  (Ctrl-C stops everything)", flush=True)
    for command in (("trades", "sync", "--all"), ("run",)):
        demo.run("-m", "monitor", *command, quiet=True)
    print("orders: those of before are read; trades say how they ended and how far they went", flush=True)
    return scheduler.wait()


def start_paper(began: datetime) -> dict[str, str]:
    """Start the paper exchange, whose story began then; returns the address of each exchange that it speaks as."""
    child = demo.start(
        *("-m", "paper", "--port", "0", "--control-port", "0", "--story", "paper/demo.story"),
        *(f"--{exchange}-port=0" for exchange, _ in ACCOUNTS.values() if exchange != "binance"),
        *("--start", began.isoformat()),
        read=True,
    )
    assert child.stdout
    words = child.stdout.readline().split()
    if len(words) < 7:
        raise SystemExit("The paper exchange did not start.")
    others = {name.rstrip(":"): address for name, address in pairwise(words[7:])}
    return {"binance": words[2], **{name: others[name] for name, _ in ACCOUNTS.values() if name in others}}


if __name__ == "__main__":
    sys.exit(main())
