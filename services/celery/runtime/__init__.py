"""How work is run: supervisord, the event listener that ends the container, and nothing of what the work means."""
