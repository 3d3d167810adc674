"""The control port: move the clock, run events, break things, and read the truth.

It answers who knows its secret, which is printed at the start to whoever starts the exchange. No page that a browser shows
may use it, and nothing that it is sent makes it fail: every argument has its bounds.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from paper.arguments import LARGEST_BODY, Arguments, a_number, a_text, read_arguments
from paper.faults import LONGEST_SECONDS, read_fault
from paper.ledger.balances import OWED
from paper.stories.exchanges import named_exchange
from paper.stories.futures import unrealised
from paper.stories.margin import INTEREST, LENDERS
from paper.stories.venue import StoryVenue
from paper.wire.app import PaperExchange

BUCKETS = ("spot", "locked", "withdrawing", "funding", "frozen", "earn_flexible", "earn_locked",
           "onchain_yields", "dual_investment", "futures", "coin_m", "cross_margin", "isolated_margin", "options", "bots", *(OWED + wallet for wallet in LENDERS),
           *(INTEREST + wallet for wallet in LENDERS))  # fmt: skip
HOSTS = ("127.0.0.1", "localhost")
LONGEST_STEP = timedelta(days=3_660)
LAST_MOMENT = datetime(2100, 1, 1, tzinfo=UTC)
MOST_FAULTS, LONGEST_ERROR = 1_000, 1_000
Act = Callable[[PaperExchange, Arguments], Any]


def make_control(exchange: PaperExchange, secret: str) -> Starlette:
    """The control interface of one exchange, for who sends `Authorization: Bearer SECRET`."""
    paths: dict[tuple[str, str], Act] = {
        ("/clock", "GET"): _read_clock,
        ("/clock", "POST"): _set_clock,
        ("/events", "POST"): _run_event,
        ("/truth", "GET"): _read_truth,
        ("/faults", "POST"): _add_fault,
        ("/faults", "DELETE"): _clear_faults,
        ("/latency", "POST"): _set_latency,
        ("/weights", "DELETE"): _clear_weights,
        ("/requests", "GET"): _read_requests,
        ("/requests", "DELETE"): _clear_requests,
    }
    return Starlette(
        routes=[Route(path, _route(exchange, secret, act), methods=[method]) for (path, method), act in paths.items()],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
    )


def _route(exchange: PaperExchange, secret: str, act: Act) -> Any:
    expected = f"Bearer {secret}".encode()

    async def answered(request: Request) -> JSONResponse:
        if "origin" in request.headers:
            return JSONResponse({"error": "not for web pages"}, status_code=403)
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            return JSONResponse({"error": "the secret is not this exchange's"}, status_code=401)
        if len(body := await _read_body(request)) > LARGEST_BODY:
            said = {"error": f"more than {LARGEST_BODY:,} bytes"}
            return JSONResponse(said, status_code=413, headers={"Connection": "close"})  # the rest is not read
        try:
            arguments = read_arguments(body) if request.method == "POST" else {}
            return JSONResponse(act(exchange, arguments))
        except (ValueError, LookupError, TypeError, ArithmeticError) as fault:
            return JSONResponse({"error": str(fault)[:LONGEST_ERROR]}, status_code=400)

    return answered


async def _read_body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            break
    return body


def _read_clock(exchange: PaperExchange, arguments: Arguments) -> Any:
    return {"now": exchange.venue.catch_up().isoformat()}


def _set_clock(exchange: PaperExchange, arguments: Arguments) -> Any:
    clock, now = exchange.venue.clock, exchange.venue.clock.now()
    if "follow" in arguments:
        clock.follow(real=arguments["follow"] == "now")
    else:
        moment = _read_moment(arguments, now)
        if moment > min(LAST_MOMENT, now + LONGEST_STEP):
            raise ValueError(f"the clock goes {LONGEST_STEP.days:,} days forward at once, and to {LAST_MOMENT:%Y}")
        clock.stand_at(moment) if "set" in arguments else clock.advance(moment - now)
    return _read_clock(exchange, arguments)


def _read_moment(arguments: Arguments, now: datetime) -> datetime:
    if "advance_seconds" in arguments:
        return now + timedelta(seconds=a_number(arguments, "advance_seconds", LONGEST_STEP.total_seconds()))
    if "set" in arguments:
        return datetime.fromisoformat(a_text(arguments, "set"))
    raise ValueError("expected advance_seconds, set or follow")


def _run_event(exchange: PaperExchange, arguments: Arguments) -> Any:
    line = a_text(arguments, "line")
    if line.lstrip().startswith("_"):
        raise ValueError("a verb that begins with _ is the exchange's own")
    if (named := named_exchange(tuple(line.split()))) not in exchange.dialects:
        raise ValueError(f"{named} has no port: the story that the exchange began with names no account on it")
    if not isinstance(exchange.venue, StoryVenue):
        raise ValueError("accounts do not live by stories here")
    exchange.venue.run(line, a_text(arguments, "account", default=""))
    return _read_clock(exchange, arguments)


def _read_truth(exchange: PaperExchange, arguments: Arguments) -> Any:
    venue = exchange.venue
    now = venue.catch_up()
    return {
        "now": now.isoformat(),
        "accounts": {
            account.name: {
                "exchange": account.exchange,
                "key": account.key,
                "uid": account.uid,
                "wallets": {b: {a: str(q) for a, q in venue.ledger.holdings(account.name, b)} for b in BUCKETS},
                "unrealised": str(unrealised(venue, account, now) if account.positions else Decimal(0)),
            }
            for account in venue.accounts.values()
        },
        "totals": {asset: str(total) for asset, total in venue.ledger.totals().items()},
    }


def _add_fault(exchange: PaperExchange, arguments: Arguments) -> Any:
    if len(exchange.faults.planned) >= MOST_FAULTS:
        raise ValueError(f"{MOST_FAULTS:,} faults are planned already: DELETE /faults")
    exchange.faults.planned.append(read_fault(arguments))
    return {"faults": len(exchange.faults.planned)}


def _clear_faults(exchange: PaperExchange, arguments: Arguments) -> Any:
    exchange.faults.planned.clear()
    exchange.faults.latency_seconds = 0.0
    return {"faults": 0}


def _set_latency(exchange: PaperExchange, arguments: Arguments) -> Any:
    exchange.faults.latency_seconds = a_number(arguments, "seconds", LONGEST_SECONDS)
    return {"seconds": exchange.faults.latency_seconds}


def _clear_weights(exchange: PaperExchange, arguments: Arguments) -> Any:
    exchange.forget_calls()
    return {}


def _read_requests(exchange: PaperExchange, arguments: Arguments) -> Any:
    return list(exchange.log)


def _clear_requests(exchange: PaperExchange, arguments: Arguments) -> Any:
    exchange.log.clear()
    return []
