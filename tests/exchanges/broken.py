"""Hours of an account while one path of its exchange answers badly, through whole runs: a right NAV or none.

The answers are those of the paper exchange, replaced or bent. Every hour money comes, goes and is charged for, so that a
history of which a part was believed shows itself when the exchange is well again.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.engine.venue import Venue
from paper.wire.app import PaperExchange
from paper.wire.dialect import Dialect, Reply
from paper.wire.request import Sent
from sql.vault import Credentials
from tests.exchanges.bitget import test_hours as bitget
from tests.exchanges.gate import test_venue as gate
from tests.exchanges.mexc import test_venue as mexc
from tests.venue import MARKET, START, RunningVenue
from tests.worker import Opener, Worker

Bend = Callable[[Reply], Reply]
BEGUN = timedelta(hours=1, minutes=2)
PAUSE_SECONDS = 1200  # over by the next hour
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
TEXTS = re.compile(rf'([:\[,]\s*)"({NUMBER})"(?!\s*:)')
NUMBERS = re.compile(rf'([:\[,]\s*)"?{NUMBER}"?(?=\s*[,\]}}])')


def say(body: str, status: int = 200, **headers: str) -> Bend:
    """Another answer, whatever the right one is."""
    return lambda _: (status, headers, body)


def bend(change: Callable[[str], str]) -> Bend:
    """The right answer, in which something is not as it must be."""
    return lambda reply: (reply[0], reply[1], change(reply[2]))


AS_IT_IS: Bend = bend(lambda body: body)
FLOATS = "numbers as floats"  # says the same: the only one of them that may be believed
BAD: dict[str, Bend] = {
    "nothing": say(""),
    "a page": say("<html>maintenance</html>"),
    "an empty object": say("{}"),
    "an empty list": say("[]"),
    "null": say("null"),
    "no success": say('{"success": false}'),
    "no success of no code": say('{"success": false, "code": 0, "data": []}'),
    "a text code": say('{"code": "oops", "msg": "no", "label": "NEWEST_WORD", "message": "no"}'),
    "cut": bend(lambda body: body[: len(body) // 2]),
    "no numbers": bend(lambda body: NUMBERS.sub(r'\1""', body)),
    FLOATS: bend(lambda body: TEXTS.sub(r"\1\2", body)),
    "a redirect": say("", 302, Location="http://127.0.0.1:9/elsewhere"),
}


def enveloped(data: Any) -> dict[str, str]:
    """An answer that holds `data`, in each exchange's envelope."""
    return {
        "bitget": json.dumps({"code": "00000", "msg": "success", "requestTime": 1, "data": data}),
        "gate": json.dumps({"data": data}),
        "mexc": json.dumps({"success": True, "code": 0, "data": data}),
    }


WAIT = {"Retry-After": str(PAUSE_SECONDS)}
BY_EXCHANGE: dict[str, dict[str, Bend]] = {  # what each says in words of its own
    exchange: {
        "no data": say(enveloped(None)[exchange]),
        "an empty list as data": say(enveloped([])[exchange]),
        "an empty object as data": say(enveloped({})[exchange]),
        "too fast": say(words, status, **WAIT),
        "HTTP 429": say("", 429, **WAIT),
    }
    for exchange, status, words in (
        ("bitget", 200, '{"code": "429", "msg": "Too Many Requests", "requestTime": 1, "data": null}'),
        ("gate", 429, '{"label": "TOO_MANY_REQUESTS", "message": "Request Rate limit Exceeded"}'),
        ("mexc", 200, '{"success": false, "code": 510, "message": "Requests are too frequent"}'),
    )
}


class BendingExchange(PaperExchange):
    """Bends what one path answers."""

    def __init__(self, venue: Venue) -> None:
        super().__init__(venue)
        self.strike("", AS_IT_IS)

    def strike(self, path: str, bent: Bend) -> None:
        """Bend it from now on."""
        self._path, self._bend, self.struck = path, bent, 0

    def _respond(self, dialect: Dialect, sent: Sent) -> Any:
        reply = super()._respond(dialect, sent)
        if sent.path != self._path:
            return reply
        self.struck += 1
        return self._bend(reply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of which every wallet holds something, at one exchange and of one system."""

    exchange: str
    system: str
    credentials: Credentials
    story: str

    @property
    def bad(self) -> dict[str, Bend]:
        """Every bad answer that its exchange may give."""
        return BAD | BY_EXCHANGE[self.exchange]


PERSONS = {
    f"{exchange} {system}".strip(): Person(exchange=exchange, system=system, credentials=credentials, story=story)
    for exchange, system, credentials, story in (
        *(
            ("bitget", system, bitget.CREDENTIALS, bitget.PERSONS.format(system=system) + bitget.WITHOUT_COIN)
            for system in ("classic", "unified")
        ),
        *(
            ("gate", system, gate.CREDENTIALS, gate.PERSONS.format(system=system) + gate.LIFE)
            for system in ("classic", "portfolio")
        ),
        ("mexc", "", mexc.CREDENTIALS, mexc.STORY.replace("account test", "account Ann")),
    )
}
LIFE = ("deposit 10 USDT", "withdraw 5 USDT fee 1", "funding pay 0.25 USDT BTCUSDT")


@dataclass(slots=True, kw_only=True)
class Life:
    """An account at a paper exchange, its worker, and how many hours passed."""

    person: Person
    venue: RunningVenue
    worker: Worker
    lived: int = 0

    @property
    def exchange(self) -> BendingExchange:
        """What answers."""
        assert isinstance(self.venue.exchange, BendingExchange)
        return self.venue.exchange

    def live(self) -> dict[str, Any]:
        """An hour with its reading; returns what became of it."""
        self.venue.advance(minutes=50)
        for line in LIFE:
            self.venue.advance(minutes=1)
            self.venue.do(line, "Ann")
        self.venue.advance(minutes=10 - len(LIFE))
        self.worker.run(self.venue.now())
        self.lived += 1
        return self.worker.hours()[-1]

    def live_with(self, path: str, name: str) -> dict[str, Any]:
        """An hour in which `path` gives a bad answer; it has no wrong NAV, and nothing secret is in its reason."""
        self.exchange.strike(path, self.person.bad[name])
        hour = self.live()
        about = (path, name, hour["status"], hour["reason"])
        assert self.exchange.struck, about
        self.exchange.strike("", AS_IT_IS)
        assert hour["reason"] if hour["nav"] is None else hour["nav"] == self.worth(), about
        secrets = (self.person.credentials.key, self.person.credentials.secret, self.person.credentials.passphrase)
        assert not any(one.value and one.value in hour["reason"] for one in secrets), about
        return hour

    def list_paths(self) -> list[str]:
        """What an hour's run asks of the exchange."""
        self.exchange.log.clear()
        self.live()
        return sorted({call["path"] for call in self.exchange.log if call["exchange"] == self.person.exchange})

    def worth(self) -> Decimal:
        """What the story's own books are worth in USDT."""
        venue, account = self.venue.exchange.venue, self.venue.truth("Ann")
        held = [(asset, Decimal(n)) for wallet in account["wallets"].values() for asset, n in wallet.items()]
        priced = (n if asset == "USDT" else n * venue.price(f"{asset}USDT", self.venue.now()) for asset, n in held)
        return sum(priced, Decimal(account["unrealised"]))

    def recover(self) -> None:
        """A good hour, after which nothing is lacking: every flow is there once, and all that was gained is explained."""
        hour = self.live()
        assert (hour["status"], hour["nav"]) == ("COMPLETE", self.worth()), hour["reason"]
        for kind, amount in (("deposit", 10), ("withdrawal", 5)):
            flows = self.worker.rows(
                "select count(distinct exchange_id) from processed_transactions where (kind, amount) = (%(kind)s, %(amount)s)",
                kind=kind,
                amount=amount,
            )
            assert flows == [{"count": self.lived}], kind
        left = self.worker.rows(
            "select sum(residual) from explanations where account_id = 1"
        )  # of two hours it may cancel
        assert left == [{"sum": 0}]


@contextmanager
def begin(person: Person, open_worker: Opener) -> Iterator[Life]:
    """A life of which the first reading is made."""
    venue = RunningVenue(MARKET, person.story, START, START + BEGUN, served=BendingExchange)
    try:
        worker = open_worker(venue)
        worker.add_at(person.exchange, "Ann", person.credentials)
        worker.run(venue.now())
        yield Life(person=person, venue=venue, worker=worker)
    finally:
        venue.stop()
