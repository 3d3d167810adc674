"""The pages in the order of the navigation, and their charts."""

from dashboard.page import Chart, Page
from dashboard.pages.overview import OVERVIEW

PAGES: tuple[Page, ...] = (OVERVIEW,)
CHARTS: dict[str, Chart] = {chart.name: chart for page in PAGES for chart in page.charts}
