"""Bad days on demand: answers replaced, broken, slowed or cut, by path and number of calls.

A fault is {"path": "/sapi/v1/...", "exchange": "binance", "of": "BTCUSDT", "times": 2, "after": 0, "fault": {...}}, where
"exchange" is whose calls are meant, if not everybody's, and "of" is what the query or the key must contain, if not every
call is meant; the fault itself is either an answer
{"status": 200, "body": "<html>", "headers": {}} or a kind:
drip (a byte at a time), hang, slow, reset, close, truncate, garbage, redirect (with "to"), wrong_length.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

from paper.arguments import LARGEST_BODY, a_count, a_number, a_text
from paper.stories.exchanges import SYSTEMS

KINDS = ("drip", "hang", "slow", "reset", "close", "truncate", "garbage", "redirect")
LONGEST_SECONDS = 20.0
MOST_CALLS = 1_000_000
HEADER = re.compile(r"[A-Za-z0-9-]{1,100}: [ -~\x80-\xff]{0,20000}")


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault that waits for its calls."""

    path: str  # a whole path, or a prefix that ends with *
    fault: dict[str, Any]
    exchange: str = ""
    of: str = ""
    times: int | None = None
    after: int = 0

    def strikes(self, exchange: str, path: str, sent: str) -> bool:
        """Whether this call of an exchange, `sent` with its query and key, is struck; counts it."""
        if self.exchange not in ("", exchange) or self.of not in sent:
            return False
        if path != self.path and not (self.path.endswith("*") and path.startswith(self.path[:-1])):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return self.times is None or self.times >= 0


@dataclass(slots=True)
class Faults:
    """The faults in force, and the latency of every call."""

    planned: list[Fault] = field(default_factory=list)
    latency_seconds: float = 0.0

    def pick(self, exchange: str, path: str, sent: str) -> dict[str, Any] | None:
        """The fault that strikes a call of an exchange."""
        return next((fault.fault for fault in self.planned if fault.strikes(exchange, path, sent)), None)


def read_fault(arguments: dict[str, Any]) -> Fault:
    """A fault from the control interface. Raises ValueError saying what is wrong."""
    fault = arguments.get("fault")
    if not isinstance(fault, dict):
        raise ValueError('expected {"path": ..., "fault": {...}}')
    if "kind" in fault and fault["kind"] not in KINDS:
        raise ValueError(f"kind is none of {', '.join(KINDS)}")
    if "kind" not in fault and not (a_count(fault, "status", 599) or 0) >= 200:
        raise ValueError("a fault has a kind, or a status from 200 to 599")
    checked: dict[str, Any] = (
        {"seconds": a_number(fault, "seconds", LONGEST_SECONDS, default=1)} if "seconds" in fault else {}
    )
    checked["headers"] = _read_headers(fault.get("headers", {}))
    checked |= {name: a_text(fault, name, LARGEST_BODY) for name in ("body", "to") if name in fault}
    times, after = (a_count(arguments, name, MOST_CALLS) for name in ("times", "after"))
    exchange, of = (a_text(arguments, name, default="") for name in ("exchange", "of"))
    if exchange and exchange not in SYSTEMS:
        raise ValueError(f"exchange is none of {', '.join(SYSTEMS)}")
    path = a_text(arguments, "path")
    return Fault(path=path, exchange=exchange, fault=fault | checked, of=of, times=times, after=after or 0)


def _read_headers(headers: Any) -> dict[str, str]:
    """Names and values that an answer's head can hold. Raises ValueError."""
    if not isinstance(headers, dict) or not all(
        HEADER.fullmatch(f"{name}: {value}") for name, value in headers.items()
    ):
        raise ValueError("headers are names and values of one line each")
    return {name: str(value) for name, value in headers.items()}


async def strike(fault: dict[str, Any], send: Any) -> bool:
    """Answer with the fault; False when the call goes on to be answered after all (slow)."""
    kind = fault.get("kind", "answer")
    if kind == "slow":
        await asyncio.sleep(min(fault.get("seconds", 1.0), LONGEST_SECONDS))
        return False
    if kind in ("reset", "close", "garbage", "truncate"):
        _break(send.__self__.transport, kind)  # uvicorn's request cycle, the owner of `send`
    elif kind == "hang":
        await asyncio.sleep(min(fault.get("seconds", LONGEST_SECONDS), LONGEST_SECONDS))
    elif kind == "drip":
        await _drip(send, fault)
    else:
        redirect = {"status": 302, "headers": {"Location": fault.get("to", "")}}
        await answer(send, redirect if kind == "redirect" else fault)
    return True


def _break(transport: Any, kind: str) -> None:
    if kind == "garbage":
        transport.write(b"\x00\xff this is not HTTP\r\n\r\n")
    if kind == "truncate":
        transport.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"balan')
    if kind == "reset":
        transport.abort()
    else:
        transport.close()


async def _drip(send: Any, fault: dict[str, Any]) -> None:
    body = fault.get("body", "{}" + " " * 100).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    pause = LONGEST_SECONDS / len(body)
    for byte in body:
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def answer(send: Any, fault: dict[str, Any]) -> None:
    """Send a whole answer."""
    headers = {"content-type": "application/json", **fault.get("headers", {})}
    raw = [(name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()]
    body = fault.get("body", "").encode()
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": fault["status"], "headers": raw})
    await send({"type": "http.response.body", "body": body})
