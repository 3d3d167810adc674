"""The read-only dashboard: pages and charts from the database, for one person at the end of an SSH tunnel.

settings → history → performance → figures → charts → pages → guard → app
"""
