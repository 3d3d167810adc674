"""The trading core: orders of many owners, matched, settled and reported. Pure: no clock, no wire, no database.

expiry → orders → ladder, flat (books) → triggers → filters → funds → waiting → floor (what waits, what is due) → lists → matching → order_desk (commands)
"""
