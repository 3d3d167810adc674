"""`python -m paper`: the paper exchange on this machine: a port for each exchange of the story, and one to control it."""

import argparse
import asyncio
import secrets
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from paper import granting, markets
from paper.clock import VenueClock
from paper.control import make_control
from paper.markets import PAIRS, Source, open_market
from paper.platform import commands
from paper.platform.commands import is_platforms
from paper.platform.ports import address_of, listen_here
from paper.stories import lines as stories
from paper.stories.lines import read_story
from paper.stories.verbs import make_venue
from paper.wire.app import PaperExchange
from paper.wire.binance.pulse import Pulse
from paper.wire.sockets import SERVED
from sql.process import begin_program
from sql.version import add_version

OTHER_PORTS = {"bitget": 8110, "gate": 8120, "mexc": 8130}


def main() -> int:
    """Serve until interrupted; returns the exit code."""
    begin_program()
    if is_platforms(sys.argv[1:]):
        return commands.main(sys.argv[1:])
    if sys.argv[1:2] == ["user"]:
        return granting.main(sys.argv[2:], datetime.now(UTC))
    arguments = _parse()
    try:
        exchange, source = open_exchange(arguments)
        sockets = {name: listen_here(*_port(arguments, name)) for name in exchange.dialects}
        control = listen_here(arguments.control_port, "--control-port")
    except (ValueError, OSError) as fault:
        print(f"The paper exchange can't start: {fault}", file=sys.stderr)
        return 2
    asyncio.run(serve(exchange, source, sockets, control))
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m paper",
        description=__doc__,
        epilog=stories.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(parser)
    parser.add_argument("--port", type=int, default=8100, help="of Binance; 0 picks a free one (8100)")
    for name, port in OTHER_PORTS.items():
        told = f"of {name}, if the story has an account on it ({port})"
        parser.add_argument(f"--{name}-port", type=int, default=port, help=told)
    parser.add_argument("--control-port", type=int, default=8101, help="of the control interface (8101)")
    parser.add_argument("--market", default="simulated:7", help=f"{markets.__doc__} (simulated:7)")
    parser.add_argument("--pairs", default=PAIRS, help=f"of a live market ({PAIRS})")
    parser.add_argument("--story", type=Path, help="a file of accounts and events")
    parser.add_argument("--start", type=_time, help="when the story begins, ISO UTC (now)")
    parser.add_argument("--stand", type=_time, metavar="TIME", help="let the clock stand at TIME until it is moved")
    return parser.parse_args()


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no UTC time like 2026-01-31T08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def open_exchange(arguments: argparse.Namespace) -> tuple[PaperExchange, Source]:
    """The exchange that the arguments describe, and its market. Raises ValueError for a fault in the story or the market."""
    start = arguments.start or datetime.now(UTC)
    lines = read_story(arguments.story, start) if arguments.story else ()
    stands = arguments.stand is not None
    clock = VenueClock(arguments.stand if stands else None, follows=not stands)
    source = open_market(arguments.market, arguments.pairs, clock)
    if source.follow and stands:
        raise ValueError("--stand: the clock of a live market can't stand")
    venue = make_venue(source.market, clock, lines)
    venue.catch_up()
    return PaperExchange(venue), source


async def serve(
    exchange: PaperExchange, source: Source, sockets: dict[str, socket.socket], control: socket.socket
) -> None:
    """Serve exchanges and control until SIGINT or SIGTERM, after one line that names their addresses and the secret."""
    secret = secrets.token_urlsafe()
    apps: list[tuple[Any, socket.socket]] = [
        *((exchange.port(name), bound) for name, bound in sockets.items()),
        (make_control(exchange, secret), control),
    ]
    servers = [
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", **SERVED))
        for app, _ in apps
    ]
    first, *others = (f"{name}: {address_of(bound)}" for name, bound in sockets.items())
    told = [f"paper exchange: {first.split()[1]} control: {address_of(control)} secret: {secret}", *others]
    print(*told, flush=True)
    running = [
        asyncio.create_task(server.serve(sockets=[bound])) for server, (_, bound) in zip(servers, apps, strict=True)
    ]
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, exchange, servers)
    following = [asyncio.create_task(source.follow())] if source.follow else []
    if following:
        Pulse(exchange.venue).follow(lambda _: None)  # what prices fill is filled as they come
    await asyncio.gather(*running)
    for task in following:
        task.cancel()


def _stop(exchange: PaperExchange, servers: list[uvicorn.Server]) -> None:
    exchange.take_leave()
    for server in servers:
        server.should_exit = True


def _port(arguments: argparse.Namespace, name: str) -> tuple[int, str]:
    """The port of an exchange, and the option that says so."""
    if name not in OTHER_PORTS:
        return arguments.port, "--port"
    port: int = getattr(arguments, f"{name}_port")
    return port, f"--{name}-port"


if __name__ == "__main__":
    sys.exit(main())
