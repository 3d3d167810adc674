"""Lets one exchange of ccxt be imported without the hundred others that its packages import along with it.

ccxt's two packages read every exchange when they are imported: 0.2 s and 50 MB that a small machine would spend every
hour for nothing. While the import runs, stand-ins take the packages' places: they lead to the same directories, and
find the few shared names where ccxt defines them. ccxt itself is unchanged, and `import ccxt` still brings all of it.

Nor are the thousands of methods made that ccxt names after each exchange's addresses, for addresses are given to its
`request`: they would take as long and as much memory as the class itself, and are looked at again with each client.

Nor is requests imported, which only ccxt's blocking classes use: with urllib3 and the library that guesses encodings, which
reads all of Python's, it would take 5 MB. The module that lacks it is kept from all other imports.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = ("ccxt", "ccxt.async_support")
BASE = "ccxt.base.exchange"  # which imports requests
SHARED = ("ccxt.base.errors", BASE)
USER_AGENT = "python-requests"
BLOCKING = {  # what ccxt takes of requests
    "requests": ("Session",),
    "requests.utils": ("default_user_agent",),
    "requests.exceptions": ("ConnectionError", "HTTPError", "RequestException", "Timeout", "TooManyRedirects"),
}
_lacking: dict[str, ModuleType] = {}  # what was made without requests, for our imports alone


class _StandIn(ModuleType):
    """A package without its `__init__`; a name is looked up in the modules that hold what all exchanges share."""

    def __getattr__(self, name: str) -> object:
        for home in () if name.startswith("__") else map(import_module, SHARED):
            if hasattr(home, name):
                return getattr(home, name)
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")


@cache
def load_client(exchange: str) -> Any:
    """ccxt's class of one exchange: its own where ccxt was imported before, else one without the methods of addresses."""
    module = f"ccxt.async_support.{exchange}"
    if PACKAGES[0] in sys.modules:
        return getattr(import_module(module), exchange)
    named = ModuleType(f"ccxt.abstract.{exchange}")
    named.ImplicitAPI = type("ImplicitAPI", (), {})  # type: ignore[attr-defined]
    with without_other_exchanges():
        sys.modules[named.__name__] = named
        try:
            return getattr(import_module(module), exchange)
        finally:  # who imports ccxt later has all of it
            del sys.modules[named.__name__]
            sys.modules.pop(module, None)


@contextmanager
def without_other_exchanges() -> Iterator[None]:
    """Imports within take only the modules they name; does nothing when ccxt was imported before."""
    if PACKAGES[0] in sys.modules:
        yield
        return
    for name in PACKAGES:
        stand_in = _StandIn(name)
        stand_in.__path__ = [str(_find_folder().joinpath(*name.split(".")[1:]))]
        sys.modules[name] = stand_in
    sys.modules.update(_lacking)
    try:
        with _without_requests():
            yield
    finally:
        for name in PACKAGES:
            del sys.modules[name]
        _lacking.update({name: sys.modules.pop(name) for name in (BASE,) if name in sys.modules})


@cache
def _find_folder() -> Path:
    spec = find_spec(PACKAGES[0])
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("The package ccxt is not installed. Run: make")
    return Path(spec.origin).parent


@contextmanager
def _without_requests() -> Iterator[None]:
    before = {name: sys.modules.pop(name) for name in BLOCKING if name in sys.modules}
    for name, wanted in BLOCKING.items():
        stand_in = ModuleType(name)
        # Each is called, or caught, by blocking classes alone; but every client asks how requests would name itself.
        stand_in.__dict__.update({one: type(one, (Exception,), {}) for one in wanted})
        stand_in.__dict__.update(default_user_agent=lambda: USER_AGENT)
        sys.modules[name] = stand_in
    try:
        yield
    finally:
        for name in BLOCKING:
            del sys.modules[name]
        sys.modules.update(before)
