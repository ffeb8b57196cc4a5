"""Parts of the running portal are killed at random moments while people use it: nothing acknowledged is ever lost."""
