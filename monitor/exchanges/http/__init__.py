"""How an exchange is asked: ccxt, limits, deadlines, and the gate that every answer passes."""
