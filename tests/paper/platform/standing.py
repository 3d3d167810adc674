"""The platform in this process, its clock standing until it is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from paper.clock import VenueClock
from paper.engine.accounts import open_account
from paper.engine.changes import Changes
from paper.platform.opening import Platform, open_platform
from paper.users.api_keys import make_text
from paper.users.key_commands import seal_secret
from paper.users.records import ApiKey, KeyKind
from paper.wire.app import PaperExchange
from sql.vault import Secret
from tests.postgres import Database
from tests.venue import MARKET, RunningVenue


class StandingPlatform(RunningVenue):
    """A platform that is served from a thread."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.beside = (platform.journal.run,)
        self.begin(PaperExchange(platform.venue))


@contextmanager
def stand(database: Database, folder: Path, at: datetime) -> Iterator[Platform]:
    """The platform of a database, with its clock at a moment; not served."""
    addresses = {"PAPER_DATABASE_URL": database.paper_url, "PAPER_READER_DATABASE_URL": database.paper_reader_url}
    clock = VenueClock(at, follows=False)
    with open_platform(addresses | {"DATA_DIR": str(folder)}, MARKET, lambda: None, 5, clock) as platform:
        yield platform


def join(platform: Platform, now: datetime) -> tuple[str, dict[bool, tuple[str, str]]]:
    """A new owner, and his keys with their secrets: the one that may trade (True), and the one that only reads."""
    user, keys = uuid4(), {}
    for may_trade in (True, False):
        text, secret = make_text(), make_text()
        sealed = seal_secret(platform.vault, user, text, Secret(secret))
        key = ApiKey(key=text, user=user, label="", kind=KeyKind.HMAC, sealed=sealed, may_trade=may_trade,
                     sealed_with=platform.vault.key_id, created_at=now)  # fmt: skip
        keys[may_trade] = (text, secret)
        platform.directory.apply([key])
        if may_trade:
            open_account(platform.venue, str(user), now, "", [key])
        else:
            platform.venue.write(Changes(records=[key]))
    platform.journal.flush()
    return str(user), keys
