"""The web floor: how a request becomes a page, whoever asks and whatever it is about.

No room of the portal is known here; rooms bring their blueprints and use these parts.
"""
