"""What the owner said that coins are worth: added to, never edited."""

from finance.prices import StatedPrice
from monitor.database import Db


def record_stated_price(db: Db, exchange: str, word: StatedPrice) -> None:
    """Add the owner's word, or that it has ended."""
    db.execute(
        "insert into stated_prices (exchange, asset, price, currency, since, stated_at, note)"
        " values (%(exchange)s, %(asset)s, %(price)s, %(currency)s, %(since)s, %(stated_at)s, %(note)s)",
        {
            "exchange": exchange,
            "asset": word.asset,
            "price": word.price,
            "currency": word.currency,
            "since": word.since,
            "stated_at": word.stated_at,
            "note": word.note,
        },
    )


def load_stated_prices(db: Db, exchange: str) -> tuple[StatedPrice, ...]:
    """Every word about coins of an exchange, in the order in which they were said."""
    rows = db.execute(
        "select asset, price, currency, since, stated_at, note from stated_prices where exchange = %(exchange)s"
        " order by id",
        {"exchange": exchange},
    )
    return tuple(StatedPrice(**row) for row in rows)
