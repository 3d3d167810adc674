"""Signatures, judged by what Binance publishes: its example of a signed request, and the text its own client makes."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from monitor.exchanges.binance.dialect import encode
from paper.clock import VenueClock
from paper.engine.venue import Venue
from paper.stories.lines import parse_story
from paper.stories.verbs import make_venue
from paper.wire import binance
from paper.wire.binance.request import Wanted
from paper.wire.binance.signing import identify, read_http
from paper.wire.refusal import Refusal
from paper.wire.request import Sent
from tests.venue import KEY, MARKET, STORY, RunningVenue
from tests.venue import SECRET as VENUE_SECRET
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

# binance-spot-api-docs at a5e0bc3d, rest-api/request-security.md: the secret, the parameters, the payload, the signature.
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
ASKED_AT = datetime.fromtimestamp(1499827319.559, UTC)
ORDER: dict[str, str | int] = {
    "symbol": "１２３４５６",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": 1,
    "price": "0.1",
    "recvWindow": 5000,
    "timestamp": 1499827319559,
}
PAYLOAD = (
    "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC"
    "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
)
SIGNATURE = "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"


@pytest.fixture
def documented() -> Venue:
    start = ASKED_AT - timedelta(hours=1)
    story = parse_story(f"+0m account test key {KEY} secret {SECRET}", start)
    venue = make_venue(MARKET, VenueClock(ASKED_AT, follows=False), story)
    venue.catch_up()
    return venue


def asked(venue: Venue, query: str, body: str = "", key: str = KEY) -> str:
    headers = {"x-mbx-apikey": key}
    sent = Sent(method="POST", path="/api/v3/order", query=query, headers=headers, body=body, heard_at=0)
    return identify(venue, read_http(sent), ASKED_AT).account.name


def test_the_documented_request_is_encoded_as_documented_and_accepted(documented: Venue) -> None:
    assert encode(ORDER) == PAYLOAD
    assert asked(documented, f"{PAYLOAD}&signature={SIGNATURE}") == "test"
    assert asked(documented, "", f"{PAYLOAD}&signature={SIGNATURE}") == "test"


def sign_with(secret: str, text: str) -> str:
    """The signature of a text."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def sign(text: str) -> str:
    return sign_with(SECRET, text)


# What binance-common 4.7.0, the official client's own encoder, makes of each value.
OFFICIAL = {
    "me+sub@x.com": "me%2Bsub%40x.com",
    "a&email=beta": "a%26email%3Dbeta",
    "a%2Bb": "a%252Bb",
    "１": "%EF%BC%91",
    "[1]": "%5B1%5D",
    '"a"': "%22a%22",
    "a,b": "a%2Cb",
    "a/b": "a%2Fb",
    "a:b": "a%3Ab",
    "~.-_!'()*": "~.-_%21%27%28%29%2A",
}


@pytest.mark.parametrize(("value", "encoded"), OFFICIAL.items())
def test_a_value_is_encoded_as_the_official_client_encodes_it(value: str, encoded: str, documented: Venue) -> None:
    assert encode({"email": value}) == f"email={encoded}"

    text = f"email={encoded}&timestamp=1499827319559"
    assert asked(documented, f"{text}&signature={sign(text)}") == "test"


@pytest.mark.parametrize("value", ["me@x.com", "a b", "[1]", '"a"', "a,b", "a/b", "a:b", "%4", "%zz", "１"])
def test_what_is_signed_before_it_is_encoded_is_refused(value: str, documented: Venue) -> None:
    text = f"email={value}&timestamp=1499827319559"

    for sent in (text, f"{encode({'email': value})}&timestamp=1499827319559"):
        with pytest.raises(Refusal) as refused:
            asked(documented, f"{sent}&signature={sign(text)}")
        assert refused.value.code == -1022


MICROSECONDS = "1499827319559000"
STAMPED = [
    ("timestamp=1499827319559&recvWindow=0.001", 0),
    (f"timestamp={MICROSECONDS}&recvWindow=0", 0),
    ("timestamp=1499827319558999&recvWindow=0.001", 0),
    ("timestamp=1499827319558998&recvWindow=0.001", -1021),
    ("timestamp=1499827320558999", 0),
    ("timestamp=1499827320559000", -1021),
    ("timestamp=1499827319559&recvWindow=60000", 0),
    ("timestamp=1499827319559&recvWindow=60000.001", -1131),
    ("timestamp=1499827319559&recvWindow=5000.1234", -1100),
    ("timestamp=1499827319559&recvWindow=NaN", -1100),
    ("timestamp=1e12", -1100),
    ("timestamp=" + "9" * 5_000, -1100),
]


@pytest.mark.parametrize(("text", "code"), STAMPED)
def test_a_time_is_in_milliseconds_or_microseconds_and_holds_for_its_window(
    text: str, code: int, documented: Venue
) -> None:
    if not code:
        assert asked(documented, f"{text}&signature={sign(text).upper()}") == "test"
        return
    with pytest.raises(Refusal) as refused:
        asked(documented, f"{text}&signature={sign(text)}")
    assert refused.value.code == code


def test_a_name_that_is_sent_twice_or_read_by_nobody_is_refused(venue: RunningVenue) -> None:
    now = int(venue.now().timestamp() * 1000)
    answers = {}
    for text in (
        "timestamp={0}&timestamp={0}",
        "timestamp={0}&omitZeroBalances=true&omitzerobalances=true",
        "timestamp={0}",
    ):
        query = text.format(now)
        answer = httpx.get(
            f"{venue.url}/api/v3/account?{query}&signature={sign_with(VENUE_SECRET, query)}",
            headers={"X-MBX-APIKEY": KEY},
        )
        answers[text] = (answer.status_code, answer.json().get("msg", ""))
    unsigned = [httpx.get(f"{venue.url}/api/v3/{path}").json() for path in ("time?a=1", "depth?symbol=BTCUSDT&depth=5")]

    assert list(answers.values()) == [
        (400, "Duplicate values for a parameter detected."),
        (400, "Not all sent parameters were read; read '3' parameter(s) but was sent '4'."),
        (200, ""),
    ]
    assert [one["code"] for one in unsigned] == [-1101, -1104]


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every signed text that the venue is sent, raw."""
    seen: list[str] = []

    def listening(sent: Sent) -> Wanted:
        seen.extend(text for text in (sent.query, sent.body) if text)
        return read_http(sent)

    monkeypatch.setattr(binance, "read_http", listening)
    return seen


def test_everything_the_worker_sends_is_encoded(
    received: list[str], open_venue: VenueOpener, open_worker: Opener
) -> None:
    sub = f"+1m account alpha+1 key {KEY}2 secret {SECRET}\n+1m deposit 10 USDT\n+2m belongs to test\n"
    venue = open_venue(STORY + sub)
    worker = open_worker(venue)
    worker.add()
    worker.add_subs("test", venue.now())
    worker.run(venue.now())

    assert sum("email=alpha%2B1%40paper.example" in text for text in received) > 5
    assert [text for text in received if text != encode(dict(parse_qsl(text, keep_blank_values=True)))] == []
    assert len(received) > 60
