"""API keys: how they are made, who may use one from where, and whether a signature is its own."""

import base64
import hashlib
import hmac
import secrets
import string
from ipaddress import ip_address, ip_network
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from paper.users.records import ApiKey, KeyKind

LETTERS = string.ascii_letters + string.digits
LENGTH = 64
LONGEST_PEM = 1_000
MOST_KEYS = 20
HEXADECIMAL = 64  # digits of an HMAC-SHA256


def make_text() -> str:
    """A new key or secret: 64 letters and digits, 380 random bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_public_key(value: Any) -> str:
    """An Ed25519 public key in PEM, as it is kept. Raises ValueError."""
    if not isinstance(value, str) or len(value) > LONGEST_PEM:
        raise ValueError("is no Ed25519 public key in PEM")
    try:
        key = load_pem_public_key(value.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is no Ed25519 public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("is no Ed25519 key: those of other kinds are not taken")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def is_allowed_from(key: ApiKey, address: str) -> bool:
    """Whether a key may be used from an address."""
    if not key.addresses:
        return True
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(plain in ip_network(network) for network in key.addresses)


def is_signed(key: ApiKey, secret: str, payload: bytes, signature: str) -> bool:
    """Whether a signature over `payload` is the key's; `secret` is that of an HMAC key, opened.

    HMAC in hexadecimal digits of either case; Ed25519 (RFC 8032) in base64.
    """
    if key.kind is KeyKind.ED25519:
        return _is_signed_ed25519(key.public_key, payload, signature)
    expected = hmac.digest(secret.encode(), payload, hashlib.sha256).hex()
    return len(signature) == HEXADECIMAL and hmac.compare_digest(expected.encode(), signature.lower().encode())


def _is_signed_ed25519(public_key: str, payload: bytes, signature: str) -> bool:
    verifier = load_pem_public_key(public_key.encode())
    assert isinstance(verifier, Ed25519PublicKey)
    try:
        verifier.verify(base64.b64decode(signature, validate=True), payload)
    except (InvalidSignature, ValueError):
        return False
    return True
