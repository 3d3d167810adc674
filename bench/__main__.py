"""`python -m bench [SECTION...]`: measure what was promised and print it beside the budgets. Always ends with 0."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache

from bench.accounts import measure_accounts
from bench.budgets import Section, print_lines
from bench.cycle import measure_cycle
from bench.disk import measure_disk
from bench.five_years import FIVE_YEARS
from bench.four import measure_four
from bench.matching import measure_matching
from bench.measures import measure_measures
from bench.memory import measure_memory
from bench.orders import measure_orders
from bench.pages import measure_pages
from bench.paper import measure_paper
from bench.stage import Stage, open_stage
from bench.trade_metrics import measure_trade_metrics
from bench.trades import measure_trades
from bench.years import measure_years

# Each is given a function that opens the stage with five years, which is filled once for all that want it.
SECTIONS: dict[str, tuple[str, Callable[[Callable[[], Stage]], Section]]] = {
    "cycle": ("An hourly run", lambda _: measure_cycle()),
    "accounts": ("Many accounts", lambda _: measure_accounts()),
    "four": ("Four exchanges", lambda _: measure_four()),
    "memory": ("Memory", lambda _: measure_memory()),
    "measures": ("Measures", lambda _: measure_measures()),
    "matching": ("Fills and gains", lambda _: measure_matching()),
    "trades": ("Trades of three years", lambda _: measure_trades()),
    "trade_metrics": ("Metrics of trades", lambda _: measure_trade_metrics()),
    "orders": ("The paper exchange's trading core", lambda _: measure_orders()),
    "paper": ("The paper exchange as a platform", lambda _: measure_paper()),
    "years": ("Five years later", lambda five_years: measure_years(five_years())),
    "disk": ("Disk", lambda five_years: measure_disk(five_years())),
    "pages": ("Pages over five years", lambda five_years: measure_pages(five_years())),
}


def main() -> int:
    """Measure the named sections, or all; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)} (all)")
    wanted = parser.parse_args().sections or list(SECTIONS)
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}, only {', '.join(SECTIONS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stages are taken down on the way out
    with ExitStack() as opened:
        five_years = cache(lambda: opened.enter_context(open_stage(hours=FIVE_YEARS)))
        for name in wanted:
            title, measure = SECTIONS[name]
            print_lines(f"{title} ({name}; {_describe_machine()})", measure(five_years))
    return 0


def _describe_machine() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}"


if __name__ == "__main__":
    sys.exit(main())
