"""Parts for measurements: servers side by side, the CPU of their processes, a browser that costs little itself."""
