"""What a run came to, for a person (a table) or for a program (JSON)."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from monitor.cycle import CycleResult
from monitor.recording import Seen
from monitor.store import Db
from monitor.store.history import load_hour_figures
from monitor.valuation import Holding


def tell_result(db: Db, result: CycleResult, labels: Mapping[int, str]) -> str:
    """A readable table: per account NAV, unit price, benchmarks and holdings, or why there is none."""
    parts = [f"Hour {result.hour:%Y-%m-%d %H:%M} UTC"]
    for outcome in result.outcomes:
        parts.append(_tell_account(db, result, outcome.account_id, labels))
    if result.weight:
        parts.append("Request weight: " + ", ".join(f"{name} {used}" for name, used in result.weight.items()))
    return "\n\n".join(parts)


def _tell_account(db: Db, result: CycleResult, account_id: int, labels: Mapping[int, str]) -> str:
    outcome = next(o for o in result.outcomes if o.account_id == account_id)
    again = "" if outcome.is_new else " (this hour was recorded before; nothing new is stored)"
    lines = [f"{labels[account_id]}: {outcome.status}{again}"]
    if outcome.reason:
        lines.append(f"  {outcome.reason}")
    if seen := result.seen.get(account_id):
        lines += [_tell_holding(h) for h in sorted(seen.valuation.holdings, key=lambda h: -(h.value or Decimal(0)))]
    for row in load_hour_figures(db, account_id, result.hour):
        lines.append(f"  {row['name']:<28}{_money(row['nav']):>18} USDT   unit price {_money(row['unit_price'], 4)}")
    return "\n".join(lines)


def _tell_holding(holding: Holding) -> str:
    value = "no price" if holding.value is None else f"{holding.value:,.2f}"
    quantity = f"{holding.balance.quantity:,.8f}".rstrip("0").rstrip(".")
    return f"  {holding.wallet:<14}{holding.asset:<8}{quantity:>24}{value:>18}  {holding.route}"


def _money(value: Decimal | None, decimals: int = 2) -> str:
    return "unknown" if value is None else f"{value:,.{decimals}f}"


def result_json(db: Db, result: CycleResult, labels: Mapping[int, str]) -> str:
    """Everything a run saw and stored, as JSON; amounts are text, times ISO UTC."""
    accounts = [
        {
            "account": labels[outcome.account_id],
            "status": outcome.status,
            "incomplete": outcome.reason,
            "recorded_now": outcome.is_new,
            "series": load_hour_figures(db, outcome.account_id, result.hour),
            **(_seen_json(seen) if (seen := result.seen.get(outcome.account_id)) else {}),
        }
        for outcome in result.outcomes
    ]
    told = {"hour": result.hour.isoformat(), "accounts": accounts, "weight": result.weight}
    return json.dumps(told, indent=2, default=str)


def _seen_json(seen: Seen) -> dict[str, Any]:
    return {
        "taken_at": seen.snapshot.taken_at.isoformat(),
        "prices_at": seen.prices_at.isoformat(),
        "nav": seen.valuation.nav,
        "wallets": [{"wallet": w.wallet, "state": w.state, "problem": w.problem} for w in seen.wallets],
        "holdings": [
            {
                "wallet": h.wallet,
                "asset": h.asset,
                "free": f"{h.balance.free:f}",
                "locked": f"{h.balance.locked:f}",
                "owed": f"{h.balance.owed:f}",
                "price": None if h.price is None else f"{h.price:f}",
                "route": h.route,
                "value": None if h.value is None else f"{h.value:f}",
            }
            for h in seen.valuation.holdings
        ],
        "flows": [
            {
                "kind": f.kind,
                "id": f.exchange_id,
                "state": f.state,
                "asset": f.asset,
                "amount": f"{f.amount:f}",
                "fee": f"{f.fee:f}",
                "requested_at": f.requested_at.isoformat(),
                "completed_at": f.completed_at.isoformat() if f.completed_at else None,
            }
            for f in seen.snapshot.flows
        ],
    }
