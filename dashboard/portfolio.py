"""Holdings added up for reading. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any


def group_by_asset(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Holdings by asset, in their order, each with its `wallets` and its `share` of all that has a price."""
    assets: dict[str, dict[str, Any]] = {}
    for row in rows:
        asset = assets.setdefault(row["asset"], {**row, "quantity": Decimal(0), "value": Decimal(0), "wallets": []})
        asset["wallets"].append(row)
        asset["quantity"] += row["quantity"]
        asset["value"] += row["value"] or 0
        for flag in ("unpriced", "is_missing"):
            asset[flag] = asset[flag] or row[flag]
    known = sum((asset["value"] for asset in assets.values()), Decimal(0))
    for asset in assets.values():
        asset["share"] = asset["value"] / known if known > 0 and not asset["unpriced"] else None
    return list(assets.values())
