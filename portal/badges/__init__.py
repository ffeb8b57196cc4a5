"""Badges for elders: a printed card and a PIN let a member see and log her own hours at somebody else's device.

A badge (志愿者证) is a person's card, a kiosk (刷卡机) a browser that a leader has given over to a team, a visit the
few minutes in which a member acts there. What a visit may do stands in one list, in `bounds`.
"""
