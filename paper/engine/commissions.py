"""What an exchange charges for a trade."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_UP, Decimal

from paper.histories.accounts import Account
from paper.ledger.balances import Ledger
from paper.trading.orders import SMALLEST, Order

RATE = Decimal("0.001")
OWN_RATE = Decimal("0.00075")  # paid in the exchange's own coin
OWN_COINS = {"binance": "BNB", "gate": "GT"}


class Commissions:
    """The rates of a venue's accounts: in what is received, or less in the exchange's own coin where that is switched on and
    there is enough of it. Rounded up in the eighth decimal."""

    def __init__(
        self, accounts: Mapping[str, Account], ledger: Ledger, price: Callable[[str, datetime], Decimal]
    ) -> None:
        self._accounts, self._ledger, self._price = accounts, ledger, price

    def __call__(self, order: Order, asset: str, amount: Decimal, at: datetime, is_maker: bool) -> tuple[str, Decimal]:
        """The asset in which a commission is paid for an amount of another, and how much it is."""
        if own := self._accounts[order.owner].pays_in:
            worth = amount * self._price(asset, at) / self._price(own, at)
            commission = (worth * OWN_RATE).quantize(SMALLEST, ROUND_UP)
            if self._ledger.balance((order.owner, order.wallet), own) >= commission:
                return own, commission
        return asset, (amount * RATE).quantize(SMALLEST, ROUND_UP)
