"""Alerts: what the owner should hear of without looking.

    facts → rules → episodes → messages in the database → delivery (apprise)

Rules are pure and judge stored facts, after the hour is recorded. What they find opens an episode: sent once when it
begins and once when it is over. Each sending is a short-lived process of its own. A message that can't be delivered
waits for the next run; the hour never does.
"""
