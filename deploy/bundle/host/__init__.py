"""The stack as plain processes of this machine, run by supervisord: no Docker, no root."""
