"""`make bench`: what the product costs in time, memory and bytes, beside the budgets it promises to keep."""
