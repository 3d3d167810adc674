"""How clients of exchanges are opened: the only place that brings adapters and their connections together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.accounts.client import Clients, ExchangeClient, TrackedAccount
from monitor.accounts.store.portfolios import load_exchanges
from monitor.exchanges import FIRST_EXCHANGE
from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.contract import Account
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from monitor.settings import Settings
from sql.rows import Db
from sql.vault import NOBODY, Credentials


@asynccontextmanager
async def using_client(settings: Settings, exchange: str = FIRST_EXCHANGE) -> AsyncIterator[ExchangeClient]:
    """A client without any account's connection yet; whatever it opens, at any exchange, is closed at the end."""
    client = open_client(settings, exchange)
    try:
        yield client
    finally:
        await client.close()


def open_client(settings: Settings, exchange: str = FIRST_EXCHANGE) -> ExchangeClient:
    """A client without any account's connection yet; close it."""
    return Clients(lambda name, clients: _make_client(settings, name, clients)).open(exchange)


def find_first_exchange(db: Db) -> str:
    """The first of the accounts' exchanges: its prices are those of portfolios, of rates and of the market's hours."""
    return next(iter(load_exchanges(db)), FIRST_EXCHANGE)


def _make_client(settings: Settings, exchange: str, clients: Clients) -> ExchangeClient:
    adapter = load_adapter(exchange)
    network = Network(adapter.dialect)

    def connect(credentials: Credentials) -> Connection:
        return Connection(
            credentials,
            base_url=settings.exchanges[exchange].base_url,
            timeout_seconds=settings.call_timeout_seconds,
            network=network,
        )

    def open_account(account: TrackedAccount) -> Account:
        connection = connect(account.credentials)
        if account.sub_email:
            return adapter.open_sub_account(connection, account.sub_email)
        return adapter.open_account(connection)

    return ExchangeClient(exchange, settings, network, adapter.open_market(connect(NOBODY)), open_account, clients)
