"""Fixtures of the API's tests: one platform for all that can share it, and its people."""

from collections.abc import Iterator

import pytest

from paper.users.records import User
from tests.paper.api.site import PASSWORD, Site


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
