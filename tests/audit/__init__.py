"""An auditor: random lives of accounts, and every figure of them worked out in fractions from the definitions.

Knows neither monitor nor the venue's books: of the venue only how it is told what happens and how it answers a price.
"""
