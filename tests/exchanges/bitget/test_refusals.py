"""What the worker makes of Bitget's refusals and broken answers, over HTTP: no wallet is empty by accident, no key is lost in words."""

import json
from typing import Any

import pytest

from sql.vault import Credentials, Secret
from tests.exchanges.bitget.test_hours import CREDENTIALS, PERSONS, WITHOUT_COIN
from tests.paper.bitget import KEY, PASSPHRASE, SECRET
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

ADDRESSES = {
    "classic": ("/api/v2/spot/account/assets", "/api/v2/mix/account/accounts", "/api/v2/spot/wallet/deposit-records"),
    "unified": ("/api/v3/account/assets", "/api/v3/account/funding-assets", "/api/v3/account/deposit-records"),
}


def answer(code: str, status: int = 400) -> dict[str, Any]:
    """A refusal in the exchange's words."""
    return {"status": status, "body": json.dumps({"code": code, "msg": "no", "requestTime": 1, "data": None})}


def opened(system: str, venue: VenueOpener, worker: Opener, credentials: Credentials) -> tuple[RunningVenue, Worker]:
    """A venue with an account of a system, and a worker that tracks it with `credentials`."""
    running = venue(PERSONS.format(system=system) + WITHOUT_COIN)
    made = worker(running)
    made.add_at("bitget", "Ann", credentials)
    return running, made


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(key=Secret(KEY), secret=Secret(SECRET), passphrase=Secret("another passphrase")),
        Credentials(key=Secret(KEY), secret=Secret("another-secret-9876543210"), passphrase=Secret(PASSPHRASE)),
        Credentials(key=Secret("another-key-0123456789"), secret=Secret(SECRET), passphrase=Secret(PASSPHRASE)),
    ],
    ids=["passphrase", "secret", "key"],
)
def test_wrong_credentials_are_the_keys_and_stand_in_no_message(
    credentials: Credentials, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue, worker = opened("unified", open_venue, open_worker, credentials)
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert hour["nav"] is None
    assert "API management" in hour["reason"]
    written = json.dumps([*worker.rows("select message from system_logs"), {"reason": hour["reason"]}])
    assert not any(one.value in written for one in (credentials.key, credentials.secret, credentials.passphrase))


def test_too_fast_in_the_exchanges_words_is_a_pause(open_venue: VenueOpener, open_worker: Opener) -> None:
    venue, worker = opened("classic", open_venue, open_worker, CREDENTIALS)
    venue.fault("/api/v2/spot/account/assets", answer("429", 200))
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert hour["nav"] is None and "asks us to wait" in hour["reason"]
