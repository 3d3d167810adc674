"""Markets by their names."""

from pathlib import Path

from paper.market.klines import Market
from paper.market.replay import ReplayMarket
from paper.market.simulated import SimulatedMarket


def open_market(text: str) -> Market:
    """The market named by simulated:SEED or replay:FOLDER. Raises ValueError."""
    kind, _, rest = text.partition(":")
    if kind == "simulated" and rest.isdigit():
        return SimulatedMarket(int(rest))
    if kind == "replay" and rest:
        return ReplayMarket(Path(rest))
    raise ValueError(f"'{text}' is neither simulated:SEED nor replay:FOLDER")
