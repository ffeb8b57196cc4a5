"""Accounts: signing in and out, what proves that it is she, where she is signed in, and how that ends.

A person is there without one: members without a phone are entered and served by others.
"""
