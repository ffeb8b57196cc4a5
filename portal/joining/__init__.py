"""From stranger to volunteer: applications, who decides on them, and how somebody pauses, leaves and comes back.

A half-done form (草稿) belongs to a browser and is forgotten after a week; an application (申请) belongs to a person.
Whoever is approved stands as 已通过 until she belongs to a team, from then on as 在册.
"""
