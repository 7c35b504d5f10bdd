"""The words in which targets are compared: what can differ between two ways of running one service."""

# Each folder in deploy/, and whom it is for.
EVERYWHERE = {
    "compose": "one host with Docker: `make up`",
    "dokploy": "a server with Dokploy: its import, a template site, or `make dokploy-apply`",
    "host": "a laptop or CI without Docker and without root: `make up RUNTIME=host`",
    "swarm": "several hosts with Docker: `make swarm-up`",
    "systemd": "a Debian host without Docker: `make systemd-install`",
}
CONTAINERS = ("compose", "dokploy", "swarm")
# The one that the others are compared with.
REFERENCE = "compose"
TARGETS = tuple(name for name in EVERYWHERE if name != REFERENCE)

# These two have an aspect for each variable, as environment.LOG_LEVEL and secrets.DB_PASSWORD.
ENVIRONMENT = "environment"
SECRETS = "secrets"

ASPECTS = {
    "service": "whether the target runs it at all",
    "profile": "with which profile an optional service is started",
    "image": "the image that it is made of",
    "command": "the program that is started",
    "arguments": "what the program is told",
    "init": "an init process before the program",
    SECRETS: "which variable reads which secret",
    "secret_source": "how a secret arrives",
    "health": "the probe",
    "health_timing": "how often the probe runs, and when it counts",
    "memory": "limit of the memory",
    "pids": "limit of processes and threads",
    "cpus": "limit of the processors",
    "reserved_memory": "memory that is kept for it",
    "reserved_cpus": "processors that are kept for it",
    "shm": "size of /dev/shm",
    "stop_time": "how long it may take to stop",
    "stop_signal": "how it is asked to stop",
    "needs": "which services come first",
    "networks": "networks, or families of addresses",
    "ports": "what is published",
    "restart": "when it is started again",
    "user": "as whom it runs",
    "read_only": "whether its file system can be written",
    "capabilities": "which of root's powers it keeps",
    "privileges": "whether it can gain more",
    "tmpfs": "directories in memory",
    "volumes": "data that survives",
    "logging": "how its log is rotated",
    ENVIRONMENT: "what is handed over in the environment",
}
