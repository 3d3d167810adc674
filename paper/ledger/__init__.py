"""Who has what: balances that every movement takes from and gives to (`balances`), and the account books of it (`books`)."""
