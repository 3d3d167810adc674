"""The pages in the order of the navigation, and their charts."""

from dashboard.page import Chart, Page
from dashboard.pages.accounts import ACCOUNTS
from dashboard.pages.explain import EXPLAIN
from dashboard.pages.exports import EXPORTS
from dashboard.pages.fees import FEES
from dashboard.pages.flows import FLOWS
from dashboard.pages.health import HEALTH
from dashboard.pages.holdings import HOLDINGS
from dashboard.pages.hour import AN_HOUR
from dashboard.pages.hours import HOURS
from dashboard.pages.market import MARKET
from dashboard.pages.orders import ORDERS
from dashboard.pages.overview import OVERVIEW
from dashboard.pages.performance import PERFORMANCE
from dashboard.pages.trade import TRADE
from dashboard.pages.trades import TRADES

PAGES: tuple[Page, ...] = (
    OVERVIEW,
    PERFORMANCE,
    EXPLAIN,
    HOURS,
    AN_HOUR,
    HOLDINGS,
    TRADES,
    TRADE,
    ORDERS,
    FEES,
    FLOWS,
    MARKET,
    ACCOUNTS,
    EXPORTS,
    HEALTH,
)
CHARTS: dict[str, Chart] = {chart.name: chart for page in PAGES for chart in page.charts}
