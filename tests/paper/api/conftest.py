"""Fixtures of the API's tests: one platform for all that can share it, and its people."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from paper.platform.ports import address_of, listen_here
from paper.users.records import User
from tests.paper.api.site import PASSWORD, Site
from tests.venue import PromptServer


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A platform that the tests of a file share."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def ann(site: Site) -> User:
    """Somebody with a real password."""
    answer = site.ask("POST", "/api/users/register", {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"})
    assert answer.status_code == 201, answer.text
    found = site.directory.user_of_email("ann@example.com")
    assert found
    return found


@pytest.fixture
def served() -> Iterator[tuple[Site, str]]:
    """A platform at an address, whose limits of calls don't matter here."""
    site = Site(is_open=False)
    site.membership.calls.count = lambda whom, now: None  # type: ignore[method-assign]
    bound, ended, loop = listen_here(0), asyncio.Event(), asyncio.new_event_loop()
    config = uvicorn.Config(site.app, log_level="critical", access_log=False, lifespan="off")

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(PromptServer(config, ended).serve(sockets=[bound]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield site, address_of(bound)
    loop.call_soon_threadsafe(ended.set)
    thread.join(10)
    site.close()
