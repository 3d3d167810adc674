"""Only one exchange's part of ccxt is read, without the methods that it names after addresses."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[2]
NAMED = "sapi_get_capital_deposit_hisrec"


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], cwd=HERE, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_worker_reads_no_exchange_but_the_one_it_asks() -> None:
    modules = run(
        "import sys, monitor.commands.run; from monitor.exchanges.http.ccxt_alone import load_client; "
        "load_client('binance'); print(*(m for m in sys.modules if m.startswith('ccxt.')))"
    ).split()

    assert [m for m in modules if not m.startswith(("ccxt.base", "ccxt.async_support.base"))] == []


def test_a_client_has_no_methods_named_after_addresses() -> None:
    """They are most of what its class takes: 20 ms and 3 MB of four exchanges."""
    told = run(
        "from monitor.exchanges.http.ccxt_alone import load_client\n"
        f"client = load_client('binance'); print(hasattr(client, 'sign'), hasattr(client, '{NAMED}'))"
    )

    assert told == "True False"


def test_what_only_blocking_classes_use_is_not_read() -> None:
    """requests, urllib3 and the library that guesses encodings: 2 MB and 50 ms of an hour."""
    modules = run(
        "import sys, monitor.commands.run; from monitor.exchanges.http.ccxt_alone import load_client; "
        "[load_client(name) for name in ('binance', 'bitget', 'gate', 'mexc')]; print(*sys.modules)"
    ).split()

    assert [name for name in modules if name.split(".")[0] in ("requests", "urllib3", "charset_normalizer")] == []
    assert sum(module.startswith("encodings.") for module in modules) < 12


def test_the_whole_of_ccxt_can_still_be_imported_and_shares_its_errors() -> None:
    told = run(
        "from monitor.exchanges.http.connection import BaseError, load_client\n"
        "load_client('binance'); import ccxt, ccxt.async_support\n"
        f"print(len(ccxt.exchanges) > 50, hasattr(ccxt.async_support.binance, '{NAMED}'), ccxt.BaseError is BaseError)\n"
        "import requests; print(type(ccxt.binance().session) is requests.Session)"
    )

    assert told.split() == ["True"] * 4


def test_ccxt_that_was_imported_before_is_used_as_it_is() -> None:
    told = run(
        "import ccxt.async_support\n"
        "from monitor.exchanges.http.ccxt_alone import load_client\n"
        "print(ccxt.async_support.binance is load_client('binance'))"
    )

    assert told == "True"
