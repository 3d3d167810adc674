"""How a client of an exchange is opened: the only place that brings the exchange's adapter and its connections together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.accounts.client import ExchangeClient, TrackedAccount
from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.contract import Account
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from monitor.settings import Settings
from sql.vault import NOBODY, Credentials


@asynccontextmanager
async def using_client(settings: Settings) -> AsyncIterator[ExchangeClient]:
    """A client without any account's connection yet; whatever it opens is closed at the end."""
    client = open_client(settings)
    try:
        yield client
    finally:
        await client.close()


def open_client(settings: Settings) -> ExchangeClient:
    """A client without any account's connection yet; close it."""
    adapter = load_adapter(ExchangeClient.exchange)
    network = Network(adapter.dialect)

    def connect(credentials: Credentials) -> Connection:
        return Connection(
            credentials,
            base_url=settings.exchanges[ExchangeClient.exchange].base_url,
            timeout_seconds=settings.call_timeout_seconds,
            network=network,
        )

    def open_account(account: TrackedAccount) -> Account:
        connection = connect(account.credentials)
        if account.sub_email:
            return adapter.open_sub_account(connection, account.sub_email)
        return adapter.open_account(connection)

    return ExchangeClient(settings, network, adapter.open_market(connect(NOBODY)), open_account)
