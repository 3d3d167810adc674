"""Access tokens: the examples of RFC 7515 and 7519, and that nothing but our own token of the right type and time is read."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.users.refusals import Unknown
from paper.users.signed_tokens import CLAIMS, LIFETIMES, Type, open_signed
from tests.paper.users.people import HOUR, MOMENT, NOW, SIGNER

# RFC 7515, A.1: the key and the token; RFC 7519, 6.1: the same claims without a signature.
RFC_KEY = base64.urlsafe_b64decode(
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
)
RFC_CLAIMS = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
RFC_SIGNED = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{RFC_CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
RFC_UNSIGNED = f"eyJhbGciOiJub25lIn0.{RFC_CLAIMS}."


def is_read(token: str, type: Type = Type.ACCESS, now: Any = NOW) -> bool:
    try:
        SIGNER.read(token, type, now)
    except Unknown:
        return False
    return True


def claims(**changed: Any) -> dict[str, Any]:
    whole = jwt.decode(SIGNER.sign(Type.ACCESS, "ann", NOW), options={"verify_signature": False})
    return {name: value for name, value in (whole | changed).items() if value is not None}


def signed(given: Any, algorithm: str = "HS256", key: Any = b"k" * 32, **header: Any) -> str:
    return jwt.encode(given, key, algorithm=algorithm, headers=header)


def test_the_standards_examples() -> None:
    assert open_signed(RFC_SIGNED, RFC_KEY) == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    for token, key in ((RFC_UNSIGNED, RFC_KEY), (RFC_UNSIGNED, b""), (RFC_SIGNED, b"k" * 32)):
        with pytest.raises(Unknown):
            open_signed(token, key)


@pytest.mark.parametrize("type", Type)
def test_a_token_is_of_one_type_and_good_for_its_time(type: Type) -> None:
    token = SIGNER.sign(type, "ann", NOW, session="s", version="v")
    found, ends = SIGNER.read(token, type, NOW), NOW + LIFETIMES[type]

    assert (found.subject, found.session, found.version, found.expires_at) == ("ann", "s", "v", ends)
    assert [other for other in Type if is_read(token, other)] == [type]
    assert is_read(token, type, ends - MOMENT) and not is_read(token, type, ends)
    assert not is_read(token, type, NOW - MOMENT)
    assert token != SIGNER.sign(type, "ann", NOW, session="s", version="v")


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_is_needed_and_of_its_kind(name: str) -> None:
    assert is_read(signed(claims()))
    wrong: tuple[Any, ...] = (None, [], {}, True, -1, "" if name in ("iat", "exp") else 7)
    assert [value for value in wrong if is_read(signed_freely(claims(**{name: value})))] == []


def signed_freely(given: Any) -> str:
    """A signed token of claims that the library would refuse to sign."""
    head, body = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in ({"alg": "HS256"}, given))
    key = jwt.get_algorithm_by_name("HS256")
    return (
        head + b"." + body + b"." + base64.urlsafe_b64encode(key.sign(head + b"." + body, b"k" * 32)).rstrip(b"=")
    ).decode()


FORGERIES: dict[str, Callable[[], str]] = {
    "none": lambda: signed(claims(), "none", None),
    "none in letters of another size": lambda: signed(claims()).replace("eyJhbGciOiJIUzI1NiI", "eyJhbGciOiJOb25lIiI"),
    "another length": lambda: signed(claims(), "HS512", b"k" * 64),
    "a public key's": lambda: signed(claims(), "RS256", generate_private_key(65_537, 2_048)),
    "another key": lambda: signed(claims(), key=b"K" * 32),
    "no signature": lambda: signed(claims()).rpartition(".")[0] + ".",
    "longer than it may be": lambda: signed(claims(exp=int((NOW + HOUR + MOMENT).timestamp()))),
    "critical words": lambda: signed(claims(), crit=["b64"], b64=False),
    "no object": lambda: signed_freely([1]),
    "too deep": lambda: "eyJhbGciOiJIUzI1NiJ9." + base64.urlsafe_b64encode(b"[" * 2_000).decode() + ".AAAA",
    "too long": lambda: signed(claims(more="x" * 4_096)),
    "nothing": lambda: "",
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_nothing_else_is_read(forged: Callable[[], str]) -> None:
    assert not is_read(forged())


@given(st.integers(0, 400), st.characters(max_codepoint=127))
@settings(max_examples=200)
def test_one_changed_letter_makes_it_another_token(place: int, letter: str) -> None:
    token = SIGNER.sign(Type.ACCESS, "ann", NOW)
    at = place % (len(token) - 1)  # the last letter has bits that say nothing

    assert letter == token[at] or not is_read(token[:at] + letter + token[at + 1 :])


@given(st.text(max_size=200))
def test_any_text_is_refused_and_none_breaks_it(text: str) -> None:
    assert not is_read(text)


def test_lifetimes_are_those_of_the_design() -> None:
    assert LIFETIMES[Type.ACCESS] == timedelta(seconds=3_600)
