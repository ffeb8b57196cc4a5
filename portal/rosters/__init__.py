"""Lists of volunteers, brought and taken away."""
