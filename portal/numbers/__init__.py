"""Figures of members: by area, age, gender, team and activity, who has been away for long, and what runs out.

Few people are not taken apart: where a sensitive group would hold one to four, its figure is not told.
"""
