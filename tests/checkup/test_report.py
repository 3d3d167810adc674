"""A report can be pasted into a bug report: nothing that was in any answer, and nothing of the owner's, is in it.

Every answer of the paper exchange gets a canary of its own in every field; none of them may come out again.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from monitor.checkup.check_report import format_report
from paper.wire.app import PaperExchange
from paper.wire.dialect import Dialect
from paper.wire.request import Sent
from tests.checkup.checking import examine
from tests.judges.everything import MASTER, SUB_EMAIL, key, open_everything, secret
from tests.venue import RunningVenue

LETTERS, FIGURES = "bcdfghjklmnpqrstvwxz", "123456789"
LONG_ENOUGH = 7  # of a canary: by chance, no text of ours has so much of it
CODES = {"400", "401", "403", "404", "418", "429", "500", "200", "302", "8012", "12022", "2015", "1021", "9000"}
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
Answer = tuple[int, dict[str, str], str]


class Canaries:
    """Makes canaries and remembers them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.made: list[str] = []

    def word(self) -> str:
        """A canary of letters."""
        return self._keep("".join(self._chance.choices(LETTERS, k=14)))

    def number(self) -> str:
        """A canary of figures."""
        return self._keep("".join(self._chance.choices(FIGURES, k=12)))

    def _keep(self, made: str) -> str:
        self.made.append(made)
        return made


def plant_everywhere(value: object, canaries: Canaries) -> object:
    """`value` with every text and number a canary, whatever can still be read of it then."""
    if isinstance(value, list):
        return [plant_everywhere(one, canaries) for one in value]
    if isinstance(value, dict):
        return {name: plant_everywhere(one, canaries) for name, one in value.items()}
    if isinstance(value, str):
        return canaries.word()
    return value if isinstance(value, bool) or value is None else int(canaries.number())


SAID = {"status", "type", "orderStatus", "code", "total", "totalCount", "walletName", "orderType", "positionSide", "side",
        "tradeType", "success", "ipRestrict", "accountType", "snapshotVos", "transactionType", "page", "totalPageNum",
        "totalRecords", "walletType", "transferType", "incomeType", "marginType", "confirmTimes", "optType"}  # fmt: skip


def plant_quietly(value: object, canaries: Canaries, name: str = "") -> object:
    """`value` with canaries that read as what they replace: amounts, ids, coins, addresses; so that everything is read."""
    if isinstance(value, list):
        return [plant_quietly(one, canaries, name) for one in value]
    if isinstance(value, dict):
        return {inner: plant_quietly(one, canaries, inner) for inner, one in value.items()}
    if name in SAID or isinstance(value, bool) or not value:
        return value
    if isinstance(value, int):
        return value // 10**6 * 10**6 + int(canaries.number()[:6]) if value > 10**12 else int(canaries.number())
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return f"0.{canaries.number()}" if "." in value else canaries.number()
    if isinstance(value, str) and not re.search(r"[-:T ]", value) and name not in ("symbol", "loanCoin"):
        return canaries.word().upper() if value.isupper() else canaries.word()
    return value


def refuse(status: int, code: int | None, canaries: Canaries) -> Answer:
    """A refusal whose words, headers and page are canaries."""
    headers = {"X-Trace": canaries.word(), "Set-Cookie": f"session={canaries.number()}", "Retry-After": "1"}
    if code is None:
        page = f"<html><title>{canaries.word()}</title>{canaries.number()}</html>"
        return status, headers | {"content-type": "text/html", "Location": f"http://{canaries.word()}.example"}, page
    message = f"{canaries.word()} from {canaries.number()} of {canaries.word()}@{canaries.word()}.example"
    return status, headers, json.dumps({"code": code, "msg": message, "data": canaries.word()})


def leaks(report: str, canaries: Canaries, *private: str) -> set[str]:
    """What of canaries and private texts is in a report, also in part, and every number that is no status and no code."""
    grams = {report[at : at + LONG_ENOUGH].lower() for at in range(len(report))}
    hidden = [*canaries.made, *private, *(quote(one, safe="") for one in private)]
    found = {
        one for one in hidden for at in range(len(one) - LONG_ENOUGH + 1) if one[at : at + LONG_ENOUGH].lower() in grams
    }
    return found | (set(re.findall(r"\d{3,}", report)) - CODES)


@pytest.fixture
def tampering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str, Answer], Answer]], None]:
    """Lets a function change every answer of the exchange but the clock's."""

    def install(change: Callable[[str, Answer], Answer]) -> None:
        answer = PaperExchange._respond

        def changed(self: PaperExchange, dialect: Dialect, sent: Sent) -> Answer:
            told = answer(self, dialect, sent)
            return told if sent.path.endswith("/time") else change(sent.path, told)

        monkeypatch.setattr(PaperExchange, "_respond", changed)

    return install


@pytest.fixture(scope="module")
def everything() -> Iterator[RunningVenue]:
    """A venue at which everything has happened to the account, and to a sub-account of it."""
    venue = open_everything()
    yield venue
    venue.stop()


WAYS: dict[str, Callable[[Canaries], Callable[[str, Answer], Answer]]] = {
    "everything": lambda canaries: lambda _, told: (told[0], told[1], json.dumps(plant_everywhere(json.loads(told[2]), canaries))),
    "quietly": lambda canaries: lambda _, told: (told[0], told[1], json.dumps(plant_quietly(json.loads(told[2]), canaries))),
    "refused": lambda canaries: lambda _, told: refuse(400, -8012, canaries),
    "unknown code": lambda canaries: lambda _, told: refuse(400, -9000, canaries),
    "odd code": lambda canaries: lambda _, told: refuse(400, int(canaries.number()), canaries),
    "gone": lambda canaries: lambda _, told: refuse(404, None, canaries),
    "wall": lambda canaries: lambda _, told: refuse(403, None, canaries),
    "redirect": lambda canaries: lambda _, told: refuse(302, None, canaries),
    "key": lambda canaries: lambda _, told: refuse(401, -2015, canaries),
    "named by ids": lambda canaries: lambda _, told: (200, {}, json.dumps({canaries.number(): 1, canaries.word().upper(): {canaries.number(): "x"}})),
    "no JSON": lambda canaries: lambda _, told: (200, {}, canaries.word()),
}  # fmt: skip


@pytest.mark.parametrize("email", ["", SUB_EMAIL])
@pytest.mark.parametrize("way", WAYS)
def test_no_canary_comes_out_of_a_report(
    way: str, email: str, everything: RunningVenue, tampering: Any, tmp_path: Path
) -> None:
    canaries = Canaries(len(way))
    everything.control("/requests", method="DELETE")
    everything.control("/weights", method="DELETE")
    label = canaries.word()
    uid = str(everything.truth(MASTER)["uid"])
    private = (key(MASTER), secret(MASTER), SUB_EMAIL, uid)
    tampering(WAYS[way](canaries))
    findings = examine(everything, tmp_path, key=private[0], secret=private[1], label=label, email=email)
    signatures = [dict(part.partition("=")[::2] for part in r["asked"].split("&")).get("signature", "") for r in everything.requests()]  # fmt: skip
    report = format_report(findings, "0.3.0", "its own key")

    assert len(canaries.made) > 20
    assert len(report.splitlines()) > 30
    assert leaks(report, canaries, *private, *filter(None, signatures)) == set()


def test_a_report_tells_what_a_bug_report_needs(everything: RunningVenue, tmp_path: Path) -> None:
    findings = examine(everything, tmp_path, key=key(MASTER), secret=secret(MASTER))
    report = format_report(findings, "0.3.0", "its own key")
    lines = report.splitlines()

    assert lines[0] == "portfolio monitor 0.3.0: what is answered to an account, read with its own key"
    assert sum(line.startswith(("GET /", "POST /")) for line in lines) > 55
    (at,) = [number for number, line in enumerate(lines) if line.startswith("POST /sapi/v3/asset/getUserAsset")]
    assert lines[at + 1].strip().startswith("[{asset: text")
    assert report.rpartition("\n\n")[2].startswith(("Every hour", "What stands in the way"))


def test_the_canaries_would_be_found(everything: RunningVenue, tampering: Any, tmp_path: Path) -> None:
    canaries = Canaries(7)
    tampering(WAYS["quietly"](canaries))
    findings = examine(everything, tmp_path, key=key(MASTER), secret=secret(MASTER))
    bodies = "".join(captured.response.body for captured in findings.captured)

    assert len(leaks(bodies, canaries)) > 100
    assert sum(not captured.problem for captured in findings.captured) > 30
