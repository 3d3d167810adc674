"""How an exchange is asked: ccxt, limits, deadlines, and how every field of an answer is looked at."""
