"""The explanations of hours, and the hours that lack one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from json import dumps
from typing import Any

from finance.attribution.booking import Booking
from finance.attribution.explanation import PARTS, Amounts, AssetExplanation, Explanation, Gain, Gains, Part, State
from sql.rows import Db, copy_rows, list_moments, load_dict, load_row, load_rows, load_value


def record_explanations(db: Db, account_id: int, explanations: Sequence[Explanation]) -> None:
    """Write the explanations of hours, replacing earlier ones. Long histories have many: they are copied in."""
    hours = list_moments(one.hour for one in explanations)
    db.execute("delete from explanations where account_id = %s and hour = any(%s::timestamptz[])", [account_id, hours])
    copy_rows(db, COPY_EXPLANATIONS, (_row(account_id, one) for one in explanations))


# The parts in the order of `Part`, the gains in that of `Gain`.
COPY_EXPLANATIONS = """
    copy explanations (
      account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows, income, fees, residual,
      state, cause, assets, kinds, through,
      realised, spent_gain, transferred_gain, unexplained_gain, unrealised_change, unrealised, costs, booking
    ) from stdin
    """


def _row(account_id: int, explanation: Explanation) -> tuple[object, ...]:
    return (
        account_id,
        explanation.hour,
        explanation.from_hour,
        explanation.nav_change,
        *(explanation.parts[part] for part in PARTS),
        str(explanation.state),
        explanation.cause,
        dumps({asset.asset: _asset_json(asset) for asset in explanation.assets if asset.is_stored}),
        dumps({"income": _texts(explanation.income), "fees": _texts(explanation.fees)}),
        explanation.through,
        *_gains_row(explanation.gains),
        int(explanation.booking),
    )


def _gains_row(gains: Gains | None) -> tuple[object, ...]:
    if gains is None:
        return (None,) * 7
    amounts = (gains.amounts[gain] for gain in Gain)
    costs = None if gains.is_carried else dumps(_texts(gains.costs))
    return *amounts, gains.unrealised_change, gains.unrealised, costs


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


SELECT_EXPLANATIONS = """
    select e.from_hour, e.hour, e.price_effect, e.trading, e.positions, e.flows, e.income, e.fees, e.residual,
      e.state, e.cause, e.assets, e.kinds, e.realised, e.spent_gain, e.transferred_gain, e.unexplained_gain,
      e.unrealised_change, e.unrealised, e.booking, c.costs, coalesce(e.through, n.taken_at) as through, f.nav as nav_before, n.nav as nav_after
    from explanations e
    join nav_history n using (account_id, hour)
    join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour
    left join lateral (
      select o.costs
      from explanations o
      where o.account_id = e.account_id and o.hour <= e.hour and o.costs is not null and e.unrealised is not null
      order by o.hour desc
      limit 1
    ) c on true
    where e.account_id = %(account)s and e.hour between %(since)s and %(until)s
    """


def load_explanations(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Explanation, ...]:
    """The explanations of hours in [since, until], in order."""
    asked = {"account": account_id, "since": since, "until": until}
    return load_rows(db, _read_explanation, f"{SELECT_EXPLANATIONS} order by e.hour", asked)


def load_unexplained(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Explanation, ...]:
    """Those of the hours in [since, until] that leave something unexplained, in order."""
    asked = {"account": account_id, "since": since, "until": until}
    return load_rows(db, _read_explanation, f"{SELECT_EXPLANATIONS} and e.state = 'unexplained' order by e.hour", asked)


def load_realised(db: Db, account_id: int) -> Decimal:
    """What the account has realised since its beginning."""
    found: Decimal = load_value(
        db,
        "select coalesce(sum(realised), 0) from explanations where account_id = %(account)s",
        {"account": account_id},
    )
    return found


def load_late_counted(db: Db, account_id: int, since: datetime) -> dict[datetime, datetime]:
    """Hours from `since` on whose readings have events that are stamped later, and up to when."""
    return load_dict(
        db,
        """
        select e.hour, e.through
        from explanations e
        join nav_history n using (account_id, hour)
        where e.account_id = %(account)s and e.hour >= %(since)s and e.through > n.taken_at
        """,
        {"account": account_id, "since": since},
    )


def _read_explanation(
    *,
    assets: dict[str, Any],
    kinds: dict[str, dict[str, str]],
    state: str,
    costs: dict[str, str] | None,
    unrealised: Decimal,
    unrealised_change: Decimal,
    booking: int,
    **columns: Any,
) -> Explanation:
    parts = {part: columns.pop(str(part)) for part in PARTS}
    amounts = {gain: columns.pop(str(gain)) for gain in Gain}
    gains = None
    if costs is not None:
        gains = Gains(
            amounts=amounts,
            unrealised=unrealised,
            unrealised_change=unrealised_change,
            costs=_decimals(costs),
        )
    return Explanation(
        parts=parts,
        gains=gains,
        income=_decimals(kinds["income"]),
        fees=_decimals(kinds["fees"]),
        assets=tuple(read_asset(name, stored) for name, stored in sorted(assets.items())),
        state=State(state),
        booking=Booking(booking),
        **columns,
    )


def read_asset(asset: str, stored: Mapping[str, Any]) -> AssetExplanation:
    """An asset's explanation as it is stored in JSON, its amounts as texts."""
    before, after, price = (Decimal(stored[name]) for name in ("before", "after", "price"))
    units, value = _amounts(stored["units"]), _amounts(stored["value"])
    return AssetExplanation(
        asset=asset, before=before, after=after, price=price, units=units, value=value, events=stored["events"]
    )


def _decimals(amounts: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items()}


def _amounts(amounts: Mapping[str, str]) -> Amounts:
    return {Part(name): Decimal(amount) for name, amount in amounts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """Units of an asset that are unexplained between two readings."""

    since: datetime  # the moments of the readings
    until: datetime
    units: Decimal


def load_residual(db: Db, account_id: int, moment: datetime, asset: str) -> Residual | None:
    """What is unexplained of an asset in the hour in which a moment lies; None where no hour is explained then."""

    def read(since: datetime, until: datetime, stored: Mapping[str, Any] | None) -> Residual:
        units = read_asset(asset, stored).residual if stored else Decimal(0)
        return Residual(since=since, until=until, units=units)

    return load_row(
        db,
        read,
        """
        select f.taken_at as since, n.taken_at as until, e.assets -> %(asset)s as stored
        from explanations e
        join nav_history n using (account_id, hour)
        join nav_history f on f.account_id = e.account_id and f.hour = e.from_hour
        where e.account_id = %(account)s and f.taken_at <= %(at)s and n.taken_at > %(at)s
        """,
        {"account": account_id, "asset": asset, "at": moment},
    )
