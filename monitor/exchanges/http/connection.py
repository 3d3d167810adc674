"""The only client: ccxt's own Binance class for signing and addresses, our judgement for everything that comes back.

ccxt is used unmodified through its hook for raw responses; its parsing, its error classes, its rate limiter and its
market loading are not used. Redirects are refused (they would carry the key to another host), answers are capped in
size and time, proxies from the environment are ignored, and only the listed reading endpoints can be called.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import aiohttp

from monitor.exchanges.http.capture import Response, record_response
from monitor.exchanges.http.ccxt_alone import without_other_exchanges
from monitor.exchanges.http.failures import CallFailed, Reaction, judge_answer, raise_failure
from monitor.exchanges.http.gate import FAULTS, Malformed, an_object, describe_fault, moment, read_json
from monitor.exchanges.http.network import CappedResponse, Network
from monitor.settings import Secret

with without_other_exchanges():
    from ccxt.async_support.binance import binance
    from ccxt.base.errors import BaseError

MOST_TRIES = 3
FIRST_PAUSE_SECONDS = 0.3
SHORT_WAIT = timedelta(seconds=8)  # a shorter Retry-After is waited out within the run
T = TypeVar("T")
Read = Callable[[Any], T]
LOG = logging.getLogger(__name__)
logging.getLogger("ccxt").setLevel(logging.ERROR)  # its debug lines hold keys and signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One reading endpoint: ccxt's name of its family, its path, its weight and the bucket that pays."""

    family: str
    path: str
    weight: int
    bucket: str
    method: str = "GET"
    signed: bool = True
    per_account: bool = False  # the weight counts against the account (UID), not against this machine's address
    tries: int = MOST_TRIES


SERVER_TIME = Endpoint(family="public", path="time", weight=1, bucket="api", signed=False)


_ANSWER: ContextVar[Response] = ContextVar("answer")


def encode(parameters: Mapping[str, str | int]) -> str:
    """Query or body as it is signed and sent: everything but A-Z a-z 0-9 - . _ ~ is percent-encoded (RFC 3986).

    The exchange refuses a signature over anything else (-1022), since 2026-01-15.
    """
    return urlencode(parameters, quote_via=quote, safe="")


class _Client(binance):  # type: ignore[misc]
    """ccxt's client with its hook for raw responses turned to us."""

    def on_rest_response(self, code: int, reason: str, url: str, method: str, headers: Any, body: str, *_: Any) -> str:
        answer = _ANSWER.get()
        answer.status, answer.headers, answer.body = code, headers, body
        return "{}"  # nothing for ccxt to interpret

    def handle_errors(self, *_: Any) -> None:
        return None

    def handle_http_status_code(self, *_: Any) -> None:
        return None

    @staticmethod
    def urlencode(parameters: Any, *_: Any) -> str:
        return encode(parameters)

    rawencode = urlencode  # ccxt escapes nothing on some paths: "+" would arrive as a blank, and "@" is refused


async def _refuse_redirect(*_: object) -> None:
    raise CallFailed(Reaction.REFUSED, "it redirects to another address, which was not followed")


class Connection:
    """Calls of one key (or of none) to one exchange."""

    def __init__(self, *, key: Secret, secret: Secret, base_url: str, timeout_seconds: float, network: Network) -> None:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse_redirect)
        self._session = aiohttp.ClientSession(
            connector=network.sockets,
            connector_owner=False,
            response_class=CappedResponse,
            trace_configs=[tracing],
            trust_env=False,
            max_line_size=16_384,
        )
        self._client = _Client(
            {
                "apiKey": key.value,
                "secret": secret.value,
                "enableRateLimit": False,
                "timeout": int(timeout_seconds * 1000) + 1000,  # ours comes first
                "session": self._session,
                "timeout_on_exit": 0,  # the session is ours and closes itself; ccxt would sleep 250 ms
                "options": {"recvWindow": 10_000},
            }
        )
        self._client.ssl_context = network.trust(self._client.cafile)
        self._client.markets, self._client.markets_by_id = {}, {}
        self._client.currencies, self._client.currencies_by_id = {}, {}
        if base_url:
            self._client.urls["api"] = redirect_addresses(self._client.urls["api"], base_url)
        self._timeout_seconds = timeout_seconds
        self._weights = network.weights
        self._clock = network.clock

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()
        await self._session.close()

    def now(self) -> datetime:
        """The exchange's time, as far as it is known."""
        return self._clock.now()

    async def call(self, endpoint: Endpoint, doing: str, read: Read[T], **parameters: Any) -> T:
        """What `read` makes of the answer, after retries. `doing` says in a message what was tried.

        Raises ExchangeUnavailable, ExchangePaused, ClockSkewed, KeyRejected, WalletNotOpened or ExchangeError.
        """
        resynced, failure = False, CallFailed(Reaction.RETRY, "")
        for attempt in range(endpoint.tries):
            answer = Response()
            try:
                found = await self._try(endpoint, read, parameters, answer)
            except CallFailed as failed:
                failure = failed
                record_response(self._address(endpoint), answer, failed.refusal, str(failed))
            else:
                record_response(self._address(endpoint), answer)
                return found
            if failure.kind is Reaction.FIX and not resynced and endpoint is not SERVER_TIME:
                resynced = True
                await self.fetch_server_time()
            elif attempt + 1 == endpoint.tries or not await self._may_retry(failure, attempt):
                break
        raise_failure(f"{doing} ({endpoint.family}/{endpoint.path})", failure, endpoint.tries, self._clock.now())

    def _address(self, endpoint: Endpoint) -> str:
        return f"{endpoint.method} {urlsplit(self._client.urls['api'][endpoint.family]).path}/{endpoint.path}"

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock; the connections' clock is set to it."""
        answered = await self.call(SERVER_TIME, "Reading the exchange's clock", _read_time)
        self._clock.set(answered)
        return answered

    async def _may_retry(self, failure: CallFailed, attempt: int) -> bool:
        """Wait as the failure asks; False when another try makes no sense."""
        if failure.kind is Reaction.RETRY:
            await asyncio.sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt))
            return True
        if failure.kind is Reaction.WAIT and failure.until:
            wait = failure.until - self._clock.now()
            if wait <= SHORT_WAIT:
                await asyncio.sleep(max(0.0, wait.total_seconds()))
                return True
        return False

    async def _try(self, endpoint: Endpoint, read: Read[T], parameters: dict[str, Any], answer: Response) -> T:
        await self._weights.spend(endpoint.bucket, endpoint.weight, self if endpoint.per_account else None)
        async with self._weights:  # what waits for a limit takes no other call's place
            await self._send(endpoint, parameters, answer)
        self._weights.note(endpoint.bucket, answer.headers or {})
        if failed := judge_answer(answer.status, answer.headers or {}, answer.body, self._clock.now()):
            raise failed
        try:
            return read(read_json(answer.body))
        except FAULTS as fault:
            if not isinstance(fault, Malformed):
                LOG.warning("Reading an answer of %s", self._address(endpoint), exc_info=fault)
            raise CallFailed(Reaction.RETRY, describe_fault(fault)) from None

    async def _send(self, endpoint: Endpoint, parameters: dict[str, Any], answer: Response) -> None:
        token = _ANSWER.set(answer)
        # ccxt stamps requests with our clock minus this difference.
        self._client.options["timeDifference"] = int(-self._clock.behind.total_seconds() * 1000)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._client.request(endpoint.path, [endpoint.family], endpoint.method, parameters)
        except TimeoutError:
            raise CallFailed(Reaction.RETRY, f"no answer within {self._timeout_seconds:g} s") from None
        except Malformed as fault:
            raise CallFailed(Reaction.RETRY, str(fault)) from None
        except (BaseError, aiohttp.ClientError, OSError, *FAULTS) as error:
            if not answer.status:
                raise CallFailed(Reaction.RETRY, f"the connection failed ({type(error).__name__})") from None
        finally:
            _ANSWER.reset(token)


def _read_time(answer: object) -> datetime:
    found = moment(an_object(answer, "serverTime"), "serverTime")
    if found is None:
        raise Malformed("serverTime is missing")
    return found


def redirect_addresses(addresses: dict[str, str], base_url: str) -> dict[str, str]:
    """Every address of ccxt on `base_url` instead. Raises ValueError if one would still lead elsewhere."""
    base = urlsplit(base_url)
    moved = {
        name: urlunsplit((base.scheme, base.netloc, urlsplit(address).path, "", ""))
        for name, address in addresses.items()
    }
    if any(urlsplit(address).netloc != base.netloc for address in moved.values()):
        raise ValueError("an address of the exchange can't be replaced")
    return moved
