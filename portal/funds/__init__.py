"""The three public funds: gifts that come in by list, what is spent, and what anyone may see of it."""
