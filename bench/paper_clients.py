"""`python -m bench.paper_clients ORDERS`: signed orders over as many connections as there are users, from what
`bench.paper_server` has printed (standard input); prints seconds and the durations of all calls as one line of JSON.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit

BEST = 30_000


async def trade(port: int, key: str, secret: str, prices: Iterator[int], took: list[float], orders: int) -> None:
    """Give orders one after another: each rests far below the market, or takes what is offered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while len(took) < orders:
        number = next(prices)
        price = BEST - number % 500 if number % 4 else 200_000
        query = (
            f"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce={'GTC' if number % 4 else 'IOC'}&quantity=0.0005&price={price}"
            f"&recvWindow=60000&timestamp={int(time.time() * 1_000)}"
        )
        signature = hmac.digest(secret.encode(), query.encode(), hashlib.sha256).hex()
        began = time.perf_counter()
        writer.write(
            f"POST /api/v3/order?{query}&signature={signature} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: {key}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(next(line for line in head.lower().splitlines() if line.startswith("content-length")).split()[1])
        body = await reader.readexactly(length)
        if " 200 " not in head.splitlines()[0] and b"MAX_NUM_ORDERS" not in body:
            raise RuntimeError(f"{head.splitlines()[0]}: {body!r}")
        took.append(time.perf_counter() - began)
    writer.close()


async def run(url: str, users: list[list[str]], orders: int) -> tuple[float, list[float]]:
    """All of them at once."""
    port, prices, took = urlsplit(url).port or 0, count(), list[float]()
    began = time.perf_counter()
    await asyncio.gather(*(trade(port, key, secret, prices, took, orders) for key, secret in users))
    return time.perf_counter() - began, took


def main() -> None:
    """Trade."""
    told = json.loads(sys.stdin.readline())
    seconds, took = asyncio.run(run(told["url"], told["users"], int(sys.argv[1])))
    print(json.dumps({"seconds": seconds, "took": took}))


if __name__ == "__main__":
    main()
