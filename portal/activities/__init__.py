"""Activities: what teams do, from a leader's draft to the public page.

draft → waiting → published → closed; a draft may come back with a reason. Who drafted never publishes.
"""
