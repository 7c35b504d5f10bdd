"""The stack in containers, run by Docker Compose."""
