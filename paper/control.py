"""The control port: move the clock, let things happen, break things, and read the truth.

It asks nobody for a key, so it answers to programs of this machine alone: no page that a browser shows may use it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from paper.app import PaperExchange
from paper.faults import read_fault
from paper.futures import unrealised
from paper.ledger import OWED
from paper.margin import INTEREST, LENDERS
from paper.weights import UsedWeights

BUCKETS = ("spot", "locked", "withdrawing", "funding", "frozen", "earn_flexible", "earn_locked",
           "onchain_yields", "dual_investment", "futures", "coin_m", "cross_margin", "isolated_margin", "options", "bots", *(OWED + wallet for wallet in LENDERS),
           *(INTEREST + wallet for wallet in LENDERS))  # fmt: skip
HOSTS = ("127.0.0.1", "localhost")


def make_control(exchange: PaperExchange) -> Starlette:
    """The control interface of one exchange."""
    paths: dict[tuple[str, str], Callable[[PaperExchange, Any], Any]] = {
        ("/clock", "GET"): _read_clock,
        ("/clock", "POST"): _set_clock,
        ("/events", "POST"): _happen,
        ("/truth", "GET"): _read_truth,
        ("/faults", "POST"): _add_fault,
        ("/faults", "DELETE"): _clear_faults,
        ("/latency", "POST"): _set_latency,
        ("/weights", "DELETE"): _clear_weights,
        ("/requests", "GET"): _read_requests,
        ("/requests", "DELETE"): _clear_requests,
    }
    return Starlette(
        routes=[Route(path, _route(exchange, act), methods=[method]) for (path, method), act in paths.items()],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
    )


def _route(exchange: PaperExchange, act: Callable[[PaperExchange, Any], Any]) -> Any:
    async def answered(request: Request) -> JSONResponse:
        if "origin" in request.headers:
            return JSONResponse({"error": "not for web pages"}, status_code=403)
        try:
            told = await request.json() if request.method == "POST" else {}
            return JSONResponse(act(exchange, told))
        except (ValueError, KeyError, TypeError) as fault:
            return JSONResponse({"error": str(fault)}, status_code=400)

    return answered


def _read_clock(exchange: PaperExchange, told: Any) -> Any:
    return {"now": exchange.venue.catch_up().isoformat()}


def _set_clock(exchange: PaperExchange, told: Any) -> Any:
    clock = exchange.venue.clock
    if "advance_seconds" in told:
        clock.advance(timedelta(seconds=told["advance_seconds"]))
    elif "set" in told:
        clock.stand_at(datetime.fromisoformat(told["set"]))
    elif "follow" in told:
        clock.follow(real=told["follow"] == "now")
    else:
        raise ValueError("expected advance_seconds, set or follow")
    return _read_clock(exchange, told)


def _happen(exchange: PaperExchange, told: Any) -> Any:
    exchange.venue.happen(told["line"], told.get("account", ""))
    return _read_clock(exchange, told)


def _read_truth(exchange: PaperExchange, told: Any) -> Any:
    venue = exchange.venue
    now = venue.catch_up()
    return {
        "now": now.isoformat(),
        "accounts": {
            account.name: {
                "key": account.key,
                "uid": account.uid,
                "wallets": {b: {a: str(q) for a, q in venue.ledger.holdings(account.name, b)} for b in BUCKETS},
                "unrealised": str(unrealised(venue, account, now) if account.positions else Decimal(0)),
            }
            for account in venue.accounts.values()
        },
        "totals": {asset: str(total) for asset, total in venue.ledger.totals().items()},
    }


def _add_fault(exchange: PaperExchange, told: Any) -> Any:
    exchange.faults.planned.append(read_fault(told))
    return {"faults": len(exchange.faults.planned)}


def _clear_faults(exchange: PaperExchange, told: Any) -> Any:
    exchange.faults.planned.clear()
    exchange.faults.latency_seconds = 0.0
    return {"faults": 0}


def _set_latency(exchange: PaperExchange, told: Any) -> Any:
    exchange.faults.latency_seconds = told["seconds"]
    return told


def _clear_weights(exchange: PaperExchange, told: Any) -> Any:
    exchange.weights = UsedWeights()
    return {}


def _read_requests(exchange: PaperExchange, told: Any) -> Any:
    return list(exchange.log)


def _clear_requests(exchange: PaperExchange, told: Any) -> Any:
    exchange.log.clear()
    return []
