"""The venue as its database has it, ready to trade."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from paper.api.policy import open_keys, read_keys
from paper.clock import VenueClock
from paper.engine.venue import Venue
from paper.market.klines import Market
from paper.platform.settings import open_database
from paper.storage.journal import GroupJournal
from paper.storage.past import StoredHistories
from paper.storage.people import load_people
from paper.storage.reign import begin_reign
from paper.storage.state import Restored, restore
from paper.storage.trail import StoredTrail
from paper.users.directory import Directory
from paper.users.key_ring import KeyRing
from paper.users.records import Record, TradingConfig
from paper.users.signed_tokens import Signer
from sql.errors import UsageFault
from sql.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A venue with a database."""

    venue: Venue
    journal: GroupJournal
    directory: Directory
    vault: Vault
    signer: Signer
    trail: StoredTrail
    last_day: datetime  # the last end of a day that was noted, or when this began


@contextmanager
def open_platform(
    environment: Mapping[str, str],
    market: Market,
    waits: Callable[[], None],
    patience_seconds: float | None = None,
    clock: VenueClock | None = None,
) -> Iterator[Platform]:
    """The platform, for the time of the block the only one that writes to its database; `waits` is told while another does.

    Raises TimeoutError after `patience_seconds` of that, and what opening a database and its keys raises.
    """
    with open_database(environment) as addresses:
        vault, signer = open_keys(read_keys(environment))
        reign = begin_reign(addresses.engine, waits, patience_seconds)
        try:
            restored = restore(reign, market, clock or VenueClock())
            _require_pairs(restored.venue)
            people = load_people(reign.db)
            _pause(restored.venue, people)
            with _read_by(addresses.reader, restored.venue) as trail:
                yield _open(restored, Directory(people), vault, signer, trail)
        finally:
            reign.db.close()


def _pause(venue: Venue, people: Iterable[Record]) -> None:
    """Let accounts give no orders whose owners have switched that off; spot is all that there is to be switched."""
    for one in people:
        if isinstance(one, TradingConfig):
            venue.accounts[str(one.user)].is_paused = not one.dry_run_mode


@contextmanager
def _read_by(reader: str, venue: Venue) -> Iterator[StoredTrail]:
    """Let the past of a venue be read with a reader's address."""
    histories = StoredHistories(reader, venue)
    venue.histories = histories
    trail = StoredTrail(reader, venue.accounts)
    try:
        yield trail
    finally:
        trail.close()
        histories.close()


def _open(restored: Restored, directory: Directory, vault: Vault, signer: Signer, trail: StoredTrail) -> Platform:
    restored.venue.key_ring = KeyRing(directory, vault)
    return Platform(
        venue=restored.venue,
        journal=restored.journal,
        directory=directory,
        vault=vault,
        signer=signer,
        trail=trail,
        last_day=restored.last_day or restored.venue.clock.now(),
    )


def _require_pairs(venue: Venue) -> None:
    """Raise UsageFault where orders wait in pairs that the market does not have: nothing could be done with them."""
    if missing := sorted(venue.open_market.floor.waiting.symbols.keys() - venue.market.symbols.keys()):
        raise UsageFault(
            f"Orders wait in {', '.join(missing)}, which this market does not have. Start it with a --market that has them (a "
            "live one reads those of --pairs), and take these orders back before you choose another."
        )
