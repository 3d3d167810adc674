"""The venue, and how clients meet its market.

changes (what a command changed, and where it is written) → remembering (in memory); listing (the filters of pairs) → tape (what
the market trades and displays) → open_market (the books of clients) → depths (as anybody may see
them) → commissions → venue
"""
