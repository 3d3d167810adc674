"""Words about what coins had cost that an account held at its first hour."""

from datetime import datetime
from decimal import Decimal

from finance.basis import Basis, BasisSource
from sql.rows import Db, load_rows


def load_basis(db: Db, account_id: int) -> dict[str, Basis]:
    """The words that count, by asset."""
    return dict(
        load_rows(
            db,
            _read_word,
            """
            select asset, price, quantity, source
            from (
              select distinct on (asset) asset, price, quantity, source
              from basis_words
              where account_id = %(account)s
              order by asset, revision desc
            ) newest
            where price is not null
            """,
            {"account": account_id},
        )
    )


def _read_word(*, asset: str, price: Decimal, quantity: Decimal | None, source: str) -> tuple[str, Basis]:
    return asset, Basis(price=price, quantity=quantity, source=BasisSource(source))


def record_basis(db: Db, account_id: int, asset: str, stated: Basis | None, note: str, at: datetime) -> None:
    """Add a word about an asset, or take back the one that counts; those before stay."""
    db.execute(
        """
        insert into basis_words (account_id, asset, revision, at, price, quantity, note, source)
        select %(account)s, %(asset)s, coalesce(max(revision), 0) + 1, %(at)s, %(price)s, %(quantity)s, %(note)s, %(source)s
        from basis_words
        where account_id = %(account)s and asset = %(asset)s
        """,
        {
            "account": account_id,
            "asset": asset,
            "at": at,
            "price": stated.price if stated else None,
            "quantity": stated.quantity if stated else None,
            "note": note,
            "source": stated.source if stated else BasisSource.OWNER,
        },
    )
