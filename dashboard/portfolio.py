"""Holdings added up for reading. Pure."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any

from finance.prices import VALUATION_ASSET
from look.figures import words

PARTS = ("quantity", "free", "locked", "frozen", "withdrawing", "owed")  # amounts of an asset
COLUMNS = (
    "asset",
    *PARTS,
    "price",
    "day",
    "value",
    "share",
    "average_cost",
    "gain",
    "gained",
)  # by which assets are sorted
KEYS: Mapping[str, Callable[[dict[str, Any]], Any]] = {name: itemgetter(name) for name in COLUMNS}


def group_by_asset(rows: Iterable[dict[str, Any]], costs: Mapping[str, Decimal] | None = None) -> list[dict[str, Any]]:
    """Holdings by asset, in their order, each with `wallets`, `accounts`, its `share` of all that has a price, and `day`;
    `frozen` and `withdrawing` are None where nothing is known of them.

    `day` is how the price moved within 24 hours, as a fraction; None: it was not read then. With the `costs` of what is
    held each has its `average_cost`, the unrealised `gain` in the currency of the values, and `gained`, the gain as a
    fraction of the cost; None where one is not known.
    """
    assets: dict[str, dict[str, Any]] = {}
    for row in rows:
        asset = assets.setdefault(
            row["asset"], {**row, **dict.fromkeys(PARTS), "value": Decimal(0), "wallets": [], "accounts": set()}
        )
        asset["wallets"].append(row)
        asset["accounts"].update(row["accounts"])
        for part in PARTS:
            asset[part] = _add(asset[part], row[part])
        asset["value"] += row["value"] or 0
        asset["price_before"] = asset["price_before"] or row["price_before"]
        for flag in ("unpriced", "is_missing"):
            asset[flag] = asset[flag] or row[flag]
    known = sum((asset["value"] for asset in assets.values()), Decimal(0))
    for asset in assets.values():
        price, before = asset["price"], asset["price_before"]
        asset["day"] = price / before - 1 if price and before else None
        asset["share"] = asset["value"] / known if known > 0 and not asset["unpriced"] else None
        asset.update(_measure_gain(asset, costs))
    return list(assets.values())


def find_assets(assets: Iterable[dict[str, Any]], text: str, labels: Mapping[int, str]) -> list[dict[str, Any]]:
    """Those whose name, wallets or accounts, by their `labels`, contain the text."""
    wanted = text.casefold()
    return [asset for asset in assets if any(wanted in name.casefold() for name in _name(asset, labels))]


def _name(asset: dict[str, Any], labels: Mapping[int, str]) -> list[str]:
    wallets = [words(row["wallet"]) for row in asset["wallets"]]
    return [asset["asset"], *wallets, *(labels.get(account, "") for account in asset["accounts"])]


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else one + other


def _measure_gain(asset: dict[str, Any], costs: Mapping[str, Decimal] | None) -> dict[str, Decimal | None]:
    cost = costs.get(asset["asset"]) if costs and asset["quantity"] else None
    if cost is None or asset["asset"] == VALUATION_ASSET:  # in which costs are counted
        return {"average_cost": None, "gain": None, "gained": None}
    gain = None if asset["unpriced"] else asset["value"] - cost
    return {
        "average_cost": cost / asset["quantity"],
        "gain": gain,
        "gained": None if gain is None or not cost else gain / abs(cost),
    }
