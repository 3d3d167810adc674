"""The venue, and how clients meet its market.

listing (the filters of pairs) → tape (what the market trades and displays) → open_market (the books of clients) →
commissions → venue
"""
