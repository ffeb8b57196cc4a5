"""People and what they may do: accounts, and grants of a role in a scope for a time.

A policy never asks for a name or a flag: it asks whether a person holds a role here and now.
"""
