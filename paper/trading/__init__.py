"""The trading core: orders of many owners, matched, settled and reported. Pure: no clock, no wire, no database.

orders → ladder, flat (books) → triggers → filters → funds → floor (what waits) → lists → matching → order_desk (commands)
"""
