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

from paper.users.records import ApiKey

LETTERS = string.ascii_letters + string.digits
LENGTH = 64
LONGEST_PEM = 1_000
MOST_KEYS = 20


def make_text() -> str:
    """A new key or secret: 64 letters and digits, 380 random bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_public_key(value: Any) -> bytes:
    """The 32 bytes of an Ed25519 public key in PEM. Raises ValueError."""
    if not isinstance(value, str) or len(value) > LONGEST_PEM:
        raise ValueError("is no Ed25519 public key in PEM")
    try:
        key = load_pem_public_key(value.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is no Ed25519 public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("is no Ed25519 key: those of other kinds are not taken")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def write_public_key(raw: bytes) -> str:
    """The key in PEM."""
    key = Ed25519PublicKey.from_public_bytes(raw)
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


def is_signed_by_secret(secret: str, payload: bytes, signature: str) -> bool:
    """Whether it is the HMAC-SHA256 of `payload`, in hexadecimal digits of either case."""
    expected = hmac.digest(secret.encode(), payload, hashlib.sha256).hex()
    return hmac.compare_digest(expected.encode(), signature.lower().encode(errors="replace"))


def is_signed_by_key(public_key: bytes, payload: bytes, signature: str) -> bool:
    """Whether it is a signature of `payload` by the key's private half (RFC 8032), in base64."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(signature, validate=True), payload)
    except (InvalidSignature, ValueError):  # binascii.Error is one
        return False
    return True
