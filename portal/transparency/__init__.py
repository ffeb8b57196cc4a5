"""What everybody sees of organisations."""
