"""How work is run: PID 1, the event listener that ends the container, and nothing of what the work means."""
