"""Answers of one account as a hostile or broken exchange would give them: real ones of the paper exchange, mutated by a seed.

A mutation strikes every call of one path in a run, or the first only. It changes what the answer tells, its bytes, its
status or its headers.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from paper.faults import strike
from paper.wire.app import PaperExchange, key_of
from paper.wire.dialect import Dialect
from tests.endtoend.mutated_values import Answer
from tests.endtoend.mutations import MUTATIONS

PRICES, KLINES = (
    "/api/v3/ticker/price",
    "/api/v3/klines",
)  # nobody's; only what they tell of the victim's coin is mutated
OF_A_ROW = ("number", "bare number", "value", "text", "drop field", "rename field", "nest", "twin field")
OF_A_LIST = (
    *OF_A_ROW,
    "drop row",
    "double row",
    "put row",
    "shuffle",
    "truncate",
    "body",
    "cut",
    "empty",
    "wrap",
    "flip",
    "time",
)


class MutatingExchange(PaperExchange):
    """Gives an account's answers of one path mutated, while it is told to."""

    def __init__(self, venue: Any) -> None:
        super().__init__(venue)
        self.heard: dict[str, set[str]] = {}  # the paths that were asked, by key
        self.struck = 0
        self.said = ""
        self._mutation: Mutation | None = None

    def mutate(self, mutation: "Mutation | None") -> None:
        """Mutate from now on."""
        self._mutation, self.struck, self.said = mutation, 0, ""

    async def serve(self, dialect: Dialect, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        key = key_of(dialect, {name.decode(): value.decode() for name, value in scope["headers"]})
        self.heard.setdefault(key, set()).add(scope.get("path", ""))
        mutation = self._mutation
        if not mutation or not mutation.strikes(scope, key, self.struck):
            await super().serve(dialect, scope, receive, send)
            return
        parts: list[dict[str, Any]] = []

        async def collect(part: dict[str, Any]) -> None:
            parts.append(part)

        await super().serve(dialect, scope, receive, collect)
        self.struck += 1
        found = Answer(
            status=parts[0]["status"],
            headers=dict(parts[0]["headers"]),
            body=b"".join(p.get("body", b"") for p in parts),
        )
        self.said = mutation.apply(found)
        if self.said.startswith("cut"):
            await strike({"kind": self.said.split()[1]}, send)
            return
        found.headers[b"content-length"] = str(len(found.body)).encode()
        await send({"type": "http.response.start", "status": found.status, "headers": list(found.headers.items())})
        await send({"type": "http.response.body", "body": found.body})


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to mutate the answers of one path."""

    seed: int
    path: str
    name: str
    key: str
    once: bool
    of: str = ""  # what the query must contain

    def strikes(self, scope: Any, key: str, struck: int) -> bool:
        """Whether a call is meant."""
        if scope["path"] != self.path or (struck and self.once) or self.of not in scope["query_string"].decode():
            return False
        return key == self.key or self.path in (PRICES, KLINES)

    def apply(self, answer: Answer) -> str:
        """Mutate `answer`, always in the same way; returns what was done."""
        return MUTATIONS[self.name](Random(f"{self.seed} {self.path}"), answer)


def draw(seed: int, paths: list[str], key: str) -> Mutation:
    """The mutation of a seed."""
    chance = Random(seed)
    path = chance.choice(paths)
    names = {PRICES: OF_A_ROW, KLINES: OF_A_LIST}.get(path, tuple(MUTATIONS))
    of = "ADAUSDT" if path == KLINES else ""
    return Mutation(seed, path, chance.choice(names), key, once=chance.random() < 0.15, of=of)
