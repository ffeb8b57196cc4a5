"""Resets: another password for whoever has forgotten hers, by a code to a proved contact or by one on paper."""
