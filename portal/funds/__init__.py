"""The three public funds: gifts that arrived, what is spent, and what anyone may see of it."""
