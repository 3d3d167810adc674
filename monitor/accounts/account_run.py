"""Work on one account, as what records and rebuilds its hours is given it."""

from dataclasses import dataclass
from datetime import datetime

from monitor.accounts.client import ExchangeClient, TrackedAccount
from monitor.database.runs import record_log, record_pause
from monitor.errors import ExchangePaused
from monitor.exchanges.contract import Account
from monitor.exchanges.public import Ticker
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRun:
    """Whose hours are worked on, with what, and at which moment."""

    db: Db
    client: ExchangeClient
    account: TrackedAccount
    now: datetime  # the exchange's clock: once the account is read, when that was
    hour: datetime  # that contains it
    run_id: int | None = None  # None: no hourly run, but the owner's command
    ticker: Ticker | None = None  # the prices of now; None: they are fetched when those of the past need them

    @property
    def account_id(self) -> int:
        """The account's number."""
        return self.account.id

    @property
    def unseen_hour(self) -> datetime | None:
        """The run's own hour, which nobody has seen yet; None for the owner's command, who has seen every hour."""
        return None if self.run_id is None else self.hour

    def connect(self) -> Account:
        """The account's connection, which stays open."""
        return self.client.open_account(self.account)

    def log(self, level: str, message: str) -> None:
        """Add a line to the account's log."""
        record_log(self.db, at=self.now, level=level, message=message, run_id=self.run_id, account_id=self.account_id)

    def note_pause(self, failure: object) -> None:
        """Remember it if the exchange asked for silence."""
        if isinstance(failure, ExchangePaused):
            record_pause(self.db, self.client.exchange, failure)
