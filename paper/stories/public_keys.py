"""API keys without a secret: an Ed25519 key of the client's, of which the venue has the public half."""

import binascii
from base64 import b64decode
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.stories.lines import StoryFault
from paper.stories.words import Words

EXCHANGES = ("binance",)  # that know such keys


def register(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Ed25519 KEY PUBLIC: what is signed with the private half of PUBLIC is the account's, under that API key."""
    if len(words) != 2 or account.exchange not in EXCHANGES:
        raise StoryFault(f"expected: ed25519 KEY PUBLIC, for an account on {', '.join(EXCHANGES)}")
    if venue.account_of_key(words[0], account.exchange):
        raise StoryFault(f"there is an account with the key {words[0]} already")
    account.public_keys[words[0]] = read_public(words[1])


def read_public(text: str) -> bytes:
    """The 32 bytes of a key written as the middle line of its PEM file. Raises StoryFault."""
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise StoryFault(
            f"'{text}' is not an Ed25519 public key: expected the line between BEGIN and END of its PEM file"
        )
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
