"""The only client: ccxt's class of an exchange for signing and addresses, our judgement for everything that comes back.

ccxt is used unmodified through its hook for raw responses; its parsing, its error classes, its rate limiter and its
market loading are not used. Redirects are refused (they would carry the key to another host), answers are capped in
size and time, proxies from the environment are ignored, and only the listed reading endpoints can be called.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from monitor.exchanges.http.capture import Response, record_response
from monitor.exchanges.http.ccxt_alone import load_client, without_other_exchanges
from monitor.exchanges.http.dialect import Dialect, Endpoint
from monitor.exchanges.http.failures import CallFailed, Reaction, judge_answer, raise_failure
from monitor.exchanges.http.fields import FAULTS, Malformed, describe_fault, read_json
from monitor.exchanges.http.network import CappedResponse, Network, trust
from sql.vault import Credentials

with without_other_exchanges():
    from ccxt.base.errors import BaseError

__all__ = ["Connection", "Endpoint"]
FIRST_PAUSE_SECONDS = 0.3
SHORT_WAIT = timedelta(seconds=8)  # a shorter Retry-After is waited out within the run
T = TypeVar("T")
Read = Callable[[Any], T]
LOG = logging.getLogger(__name__)
logging.getLogger("ccxt").setLevel(logging.ERROR)  # its debug lines hold keys and signatures

_RESPONSE: ContextVar[Response] = ContextVar("response")


class _RawResponses:
    """ccxt's hooks for raw responses, turned to us: nothing is left for ccxt to interpret."""

    def on_rest_response(self, code: int, reason: str, url: str, method: str, headers: Any, body: str, *_: Any) -> str:
        response = _RESPONSE.get()
        response.status, response.headers, response.body = code, headers, body
        response.path = urlsplit(url).path
        return "{}"

    def __dir__(self) -> Iterable[str]:
        """Nothing: ccxt would give each new client every name that it finds a second time, in another spelling."""
        return ()

    def handle_errors(self, *_: Any) -> None:
        return None

    def handle_http_status_code(self, *_: Any) -> None:
        return None


@cache
def _make_client_class(dialect: Dialect) -> Any:
    encode, own = dialect.encode, {}
    if encode:
        own = dict.fromkeys(("urlencode", "rawencode"), staticmethod(lambda parameters, *_: encode(parameters)))
    return type("Client", (_RawResponses, load_client(dialect.client)), own)


# What ccxt describes an exchange with, the same for each of its clients and changed by none: a quarter of a megabyte.
DESCRIPTION = ("api", "exceptions", "httpExceptions", "has", "features", "fees")
_DESCRIPTIONS: dict[str, dict[str, Any]] = {}


def _share_description(client: Any, exchange: str) -> None:
    own = {name: getattr(client, name) for name in DESCRIPTION}
    for name, value in _DESCRIPTIONS.setdefault(exchange, own).items():
        setattr(client, name, value)


async def _refuse_redirect(*_: object) -> None:
    raise CallFailed(Reaction.REFUSED, "it redirects to another address, which was not followed")


class Connection:
    """Calls of one key (or of none) to one exchange."""

    def __init__(self, credentials: Credentials, *, base_url: str, timeout_seconds: float, network: Network) -> None:
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
        self.key = credentials.key  # some exchanges ask for it, or name it, to say what it may do
        self.switched_at: datetime | None = None  # when the account became what it is, as classic or unified
        self._dialect = network.dialect
        self._client = _make_client_class(self._dialect)(
            {
                "apiKey": credentials.key.value,
                "secret": credentials.secret.value,
                "password": credentials.passphrase.value,
                "enableRateLimit": False,
                "timeout": int(timeout_seconds * 1000) + 1000,  # ours comes first
                "session": self._session,
                "timeout_on_exit": 0,  # the session is ours and closes itself; ccxt would sleep 250 ms
                "options": dict(self._dialect.options),
            }
        )
        _share_description(self._client, self._dialect.client)
        self._client.ssl_context = trust(self._client.cafile)
        self._client.markets, self._client.markets_by_id = {}, {}
        self._client.currencies, self._client.currencies_by_id = {}, {}
        self._client.urls["api"] = complete_addresses(self._client.urls["api"], self._dialect, base_url)
        self._timeout_seconds = timeout_seconds
        self.kept = network.kept
        self._weights = network.weights
        self._clock = network.clock

    async def close(self) -> None:
        """Close the connection, also when the closing is interrupted."""
        try:
            await self._client.close()
        finally:
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
            response = Response()
            try:
                found = await self._try(endpoint, read, parameters, response)
            except CallFailed as failed:
                failure = failed
                record_response(_address(endpoint, response), response, failed.refusal, str(failed))
            else:
                record_response(_address(endpoint, response), response)
                return found
            if failure.kind is Reaction.FIX and not resynced and endpoint is not self._dialect.server_time:
                resynced = True
                await self.fetch_server_time()
            elif attempt + 1 == endpoint.tries or not await self._may_retry(failure, attempt):
                break
        doing = f"{doing} ({endpoint.family}/{endpoint.path})"
        raise_failure(doing, failure, endpoint.tries, self._dialect, self._clock.now())

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock; the connections' clock is set to it."""
        answered = await self.call(self._dialect.server_time, "Reading the exchange's clock", self._dialect.read_time)
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

    async def _try(self, endpoint: Endpoint, read: Read[T], parameters: dict[str, Any], response: Response) -> T:
        await self._weights.spend(endpoint.bucket, endpoint.weight, self if endpoint.per_account else None)
        async with self._weights:  # what waits for a limit takes no other call's place
            await self._send(endpoint, parameters, response)
        self._weights.note(endpoint.bucket, response.headers or {})
        if failed := judge_answer(response, self._dialect, self._clock.now()):
            raise failed
        try:
            answer = read_json(response.body)
            return read(self._dialect.unwrap(endpoint, answer) if self._dialect.unwrap else answer)
        except FAULTS as fault:
            if not isinstance(fault, Malformed):
                LOG.warning("Reading an answer of %s", _address(endpoint, response), exc_info=fault)
            raise CallFailed(Reaction.RETRY, describe_fault(fault)) from None

    async def _send(self, endpoint: Endpoint, parameters: dict[str, Any], response: Response) -> None:
        token = _RESPONSE.set(response)
        # ccxt stamps requests with our clock minus this difference.
        self._client.options["timeDifference"] = int(-self._clock.behind.total_seconds() * 1000)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._client.request(endpoint.path, endpoint.family.split("/"), endpoint.method, parameters)
        except TimeoutError:
            raise CallFailed(Reaction.RETRY, f"no answer within {self._timeout_seconds:g} s") from None
        except Malformed as fault:
            raise CallFailed(Reaction.RETRY, str(fault)) from None
        except (BaseError, aiohttp.ClientError, OSError, *FAULTS) as error:
            if isinstance(error, KeyError) and not response.status:
                raise RuntimeError(f"the client has no address for {endpoint.family}/{endpoint.path}") from error
            if not response.status:
                raise CallFailed(Reaction.RETRY, f"the connection failed ({type(error).__name__})") from None
        finally:
            _RESPONSE.reset(token)


def _address(endpoint: Endpoint, response: Response) -> str:
    """What was called, as people and tests know it."""
    return f"{endpoint.method} {response.path or f'{endpoint.family}/{endpoint.path}'}"


def complete_addresses(addresses: dict[str, Any], dialect: Dialect, base_url: str) -> dict[str, Any]:
    """The client's addresses and those that it lacks, all on `base_url` unless that is empty.

    Raises ValueError if one would still lead elsewhere.
    """
    completed = deepcopy(addresses)
    for family, source in dialect.added_addresses.items():
        parents, _, name = family.rpartition("/")
        _find(completed, parents)[name] = _find(completed, source)
    return redirect_addresses(completed, base_url) if base_url else completed


def _find(addresses: Any, family: str) -> Any:
    for name in family.split("/") if family else ():
        addresses = addresses[name]
    return addresses


def redirect_addresses(addresses: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Every address of ccxt on `base_url` instead, at its path. Raises ValueError if one would still lead elsewhere."""
    base = urlsplit(base_url)
    moved: dict[str, Any] = {}
    for name, address in addresses.items():
        if isinstance(address, dict):
            moved[name] = redirect_addresses(address, base_url)
            continue
        moved[name] = urlunsplit((base.scheme, base.netloc, urlsplit(address).path, "", ""))
        if urlsplit(moved[name]).netloc != base.netloc or "{" in moved[name]:
            raise ValueError(f"the address of {name} can't be replaced")
    return moved
