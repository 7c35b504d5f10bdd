"""Dokploy: what it makes of our files, the check of them, and the client of its API."""
