"""The explanations of hours, and the hours that lack one."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from finance.attribution.explanation import PARTS, Amounts, AssetExplanation, Explanation, Part, State
from monitor.database import Db, Row


def record_explanations(db: Db, account_id: int, explanations: Iterable[Explanation]) -> None:
    """Write the explanations of hours, replacing earlier ones."""
    db.cursor().executemany(
        "insert into explanations (account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows,"
        " income, fees, residual, state, cause, assets, kinds, through) values (%(account)s, %(hour)s, %(from_hour)s,"
        " %(nav_change)s, %(price_effect)s, %(trading)s, %(positions)s, %(flows)s, %(income)s, %(fees)s,"
        " %(residual)s, %(state)s, %(cause)s, %(assets)s, %(kinds)s, %(through)s)"
        " on conflict (account_id, hour) do update set from_hour = excluded.from_hour,"
        " nav_change = excluded.nav_change, price_effect = excluded.price_effect, trading = excluded.trading,"
        " positions = excluded.positions, flows = excluded.flows, income = excluded.income, fees = excluded.fees,"
        " residual = excluded.residual, state = excluded.state, cause = excluded.cause, assets = excluded.assets,"
        " kinds = excluded.kinds, through = excluded.through",
        [_row(account_id, explanation) for explanation in explanations],
    )


def _row(account_id: int, explanation: Explanation) -> dict[str, Any]:
    return {
        "account": account_id,
        "hour": explanation.hour,
        "from_hour": explanation.from_hour,
        "nav_change": explanation.nav_change,
        **{str(part): explanation.parts[part] for part in PARTS},
        "state": str(explanation.state),
        "cause": explanation.cause,
        "assets": Jsonb({asset.asset: _asset_json(asset) for asset in explanation.assets}),
        "kinds": Jsonb({"income": _texts(explanation.income), "fees": _texts(explanation.fees)}),
        "through": explanation.through,
    }


def _asset_json(asset: AssetExplanation) -> dict[str, object]:
    return {
        "before": f"{asset.before:f}",
        "after": f"{asset.after:f}",
        "price": f"{asset.price:f}",
        "events": asset.events,
        "units": _texts(asset.units),
        "value": _texts(asset.value),
    }


def _texts(amounts: Mapping[Any, Decimal]) -> dict[str, str]:
    """Amounts as text: JSON's numbers would be read as floats."""
    return {str(name): f"{amount:f}" for name, amount in amounts.items()}


EXPLAINED = (
    "select e.*, f.nav as nav_before, n.nav as nav_after, n.taken_at from explanations e"
    " join nav_history n using (account_id, hour)"
    " join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour"
    " where e.account_id = %(account)s and e.hour between %(since)s and %(until)s"
)


def load_explanations(db: Db, account_id: int, since: datetime, until: datetime) -> list[Explanation]:
    """The explanations of hours in [since, until], in order."""
    asked = {"account": account_id, "since": since, "until": until}
    return [_explanation(row) for row in db.execute(f"{EXPLAINED} order by e.hour", asked)]


def load_unexplained(db: Db, account_id: int, since: datetime, until: datetime) -> list[Explanation]:
    """Those of the hours in [since, until] that leave something unexplained, in order."""
    asked = {"account": account_id, "since": since, "until": until}
    return [_explanation(row) for row in db.execute(f"{EXPLAINED} and e.state = 'unexplained' order by e.hour", asked)]


def load_late_counted(db: Db, account_id: int, since: datetime) -> dict[datetime, datetime]:
    """Hours from `since` on whose readings have events that are stamped later, and up to when."""
    rows = db.execute(
        "select e.hour, e.through from explanations e join nav_history n using (account_id, hour)"
        " where e.account_id = %(account)s and e.hour >= %(since)s and e.through > n.taken_at",
        {"account": account_id, "since": since},
    )
    return {row["hour"]: row["through"] for row in rows}


def _explanation(row: Row) -> Explanation:
    return Explanation(
        from_hour=row["from_hour"],
        hour=row["hour"],
        nav_before=row["nav_before"],
        nav_after=row["nav_after"],
        parts={part: row[str(part)] for part in PARTS},
        income=_decimals(row["kinds"]["income"]),
        fees=_decimals(row["kinds"]["fees"]),
        assets=tuple(_asset(name, told) for name, told in sorted(row["assets"].items())),
        state=State(row["state"]),
        cause=row["cause"],
        through=row["through"] or row["taken_at"],
    )


def _asset(name: str, told: Mapping[str, Any]) -> AssetExplanation:
    return AssetExplanation(
        asset=name,
        before=Decimal(told["before"]),
        after=Decimal(told["after"]),
        price=Decimal(told["price"]),
        units=_amounts(told["units"]),
        value=_amounts(told["value"]),
        events=told["events"],
    )


def _decimals(told: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in told.items()}


def _amounts(told: Mapping[str, str]) -> Amounts:
    return {Part(name): Decimal(amount) for name, amount in told.items()}


def load_residual(db: Db, account_id: int, moment: datetime, asset: str) -> Decimal | None:
    """Units of an asset that are unexplained in the hour in which a moment lies; None where no hour is explained then."""
    row = db.execute(
        "select e.assets from explanations e join nav_history n using (account_id, hour)"
        " join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour"
        " where e.account_id = %(account)s and f.taken_at <= %(at)s and n.taken_at > %(at)s",
        {"account": account_id, "at": moment},
    ).fetchone()
    if row is None:
        return None
    return _asset(asset, row["assets"][asset]).residual if asset in row["assets"] else Decimal(0)
