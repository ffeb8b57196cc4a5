"""The tests; they mirror the package's rooms."""
