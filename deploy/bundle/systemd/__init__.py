"""The stack as systemd units of a Debian machine: install, upgrade, roll back, remove."""
