"""Lets one exchange of ccxt be imported without the hundred others that its packages import along with it.

ccxt's two packages read every exchange when they are imported: 0.2 s and 50 MB that a small machine would spend every
hour for nothing. While the import runs, stand-ins take the packages' places: they lead to the same directories, and
find the few shared names where ccxt defines them. ccxt itself is unchanged, and `import ccxt` still brings all of it.

Nor are the thousands of methods made that ccxt names after each exchange's addresses, for addresses are given to its
`request`: they would take as long and as much memory as the class itself, and are looked at again with each client.

Nor does requests, which ccxt imports for its blocking classes, get the library that guesses encodings: that reads all of
Python's, 3.6 MB of them, and requests does without.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = ("ccxt", "ccxt.async_support")
SHARED = ("ccxt.base.errors", "ccxt.base.exchange")
GUESSING = ("chardet", "charset_normalizer")


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
    try:
        with _without_guessing():
            yield
    finally:
        for name in PACKAGES:
            del sys.modules[name]


@cache
def _find_folder() -> Path:
    spec = find_spec(PACKAGES[0])
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("The package ccxt is not installed. Run: make")
    return Path(spec.origin).parent


@contextmanager
def _without_guessing() -> Iterator[None]:
    hidden = [name for name in GUESSING if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        with warnings.catch_warnings(category=Warning, action="ignore"):  # requests says that it lacks one
            yield
    finally:
        for name in hidden:
            del sys.modules[name]
