"""Contacts: a person's mobiles and e-mail addresses, proved by a code, sealed in the table and found by a digest.

Several people may share a mobile, as elders and their children do; one of them signs in with it. Their pages are those
of the account (`portal.accounts.contact_routes`), since only their owner opens them.
"""
