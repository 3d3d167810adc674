"""The read-only dashboard: pages and charts from the database, for one person at the end of an SSH tunnel.

settings → history → periods → view → frame → charts → page → pages → render → cache → site → guard → app
"""
