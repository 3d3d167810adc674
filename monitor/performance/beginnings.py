"""What the gains and trades of an account or of a portfolio begin with, and go on from."""

from datetime import datetime
from decimal import Decimal

from finance.attribution.events import Standing
from finance.basis import begin_costs
from finance.portfolios import is_portfolio
from monitor.ledger.store.standings import load_standings
from monitor.performance.store.basis import load_basis
from monitor.performance.together import begin_portfolio, load_portfolio_standing
from sql.rows import Db


def load_standing(db: Db, account_id: int, hour: datetime) -> Standing:
    """What was held at a valued hour."""
    if is_portfolio(account_id):
        return load_portfolio_standing(db, account_id, hour)
    return load_standings(db, account_id, [hour])[hour]


def load_beginning(db: Db, account_id: int, hour: datetime) -> tuple[Standing, dict[str, Decimal]]:
    """What was held at the first valued hour, and what it had cost as far as its owner says it, by asset."""
    if is_portfolio(account_id):
        return begin_portfolio(db, account_id, hour)
    start = load_standing(db, account_id, hour)
    return start, begin_costs(start, load_basis(db, account_id))
