"""Looking after the portal itself: its first day, which comes once, and the rules that the alliance sets for itself."""
