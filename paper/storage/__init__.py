"""The paper exchange's only SQL: what commands changed is written in groups, and read again.

arrays → orders, money, people, things (rows of each table) → group (what is written in one transaction) → journal (the one who writes);
reign (who may) → state (what a start loads); past (histories); trail (of what was changed); laws (`python -m paper verify`)
"""
