"""supervisord's control socket: what the rendered configuration says and the verbs use."""

SOCKET = "supervisor.sock"
USERNAME = "deskbeat"
