"""Running a team: who comes in, who is told, who is lent."""
