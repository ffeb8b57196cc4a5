"""Social organisations, their volunteer teams and who belongs to them."""
