"""One request as the routes see it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from paper.accounts import Account
from paper.venue import Venue
from paper.wire.refusals import illegal, missing

LAST_MS = 4_102_444_800_000  # 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks the venue what, and when."""

    venue: Venue
    now: datetime
    parameters: dict[str, str]
    signer: Account | None = None

    @property
    def account(self) -> Account:
        """The signing account; routes that use it are signed."""
        assert self.signer is not None
        return self.signer

    def number(self, name: str, default: int) -> int:
        """A whole number among the parameters."""
        text = self.parameters.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise illegal(name)
        return int(text)

    def time(self, name: str) -> datetime | None:
        """A time in milliseconds among the parameters."""
        if not self.parameters.get(name):
            return None
        if self.number(name, 0) > LAST_MS:
            raise illegal(name)
        return datetime.fromtimestamp(self.number(name, 0) / 1000, UTC)

    def text(self, name: str) -> str:
        """A mandatory parameter."""
        if not self.parameters.get(name):
            raise missing(name)
        return self.parameters[name]


def plain(amount: Decimal) -> str:
    """An amount in plain figures with at least eight decimals, as Binance writes it."""
    return f"{amount:f}" if -amount.as_tuple().exponent > 8 else f"{amount:.8f}"  # type: ignore[operator]


def zeros(*names: str) -> dict[str, str]:
    """Amounts that the venue has nothing to say about."""
    return dict.fromkeys(names, "0.00000000")


def milliseconds(moment: datetime) -> int:
    """A time as Binance writes it."""
    return int(moment.timestamp() * 1000)
