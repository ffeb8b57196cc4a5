"""身份与权限: who holds which role where, until when and why, and what follows from it.

Roles are given and ended, deputies stand in for a holiday, and whoever leaves hands over what is open. What a role may
do is never written down a second time: the pages ask the policies of all rooms (`capabilities`).
"""
