"""Two entries of one person become one, and two again if that was wrong."""
