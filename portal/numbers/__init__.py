"""Figures of members."""
