"""Debian's Redis: an instance of this stack's own (`redis-server@<stack>`), beside whatever else the machine has."""

import pwd
import shutil
from pathlib import Path

from bundle.errors import BundleError
from bundle.files import write
from bundle.model import Stack
from bundle.process import capture
from bundle.render import arguments

USER = "redis"
DROP_IN = """\
# Made by `make systemd-install`: who may reach the socket, and at most how much memory.
[Service]
Group={user}
MemoryMax={memory_mb}M
TasksMax={pids}
"""


def unit(stack: str) -> str:
    return f"redis-server@{stack}.service"


def socket(stack: str) -> Path:
    """Name the socket: no port of the machine is taken, and only the stack's user gets through."""
    return Path(f"/run/redis-{stack}/redis.sock")


def configuration_file(stack: str) -> Path:
    return Path(f"/etc/redis/redis-{stack}.conf")


def data(stack: str) -> Path:
    return Path("/var/lib/redis") / stack


def drop_in(stack: str) -> Path:
    return Path("/etc/systemd/system") / f"{unit(stack)}.d" / "deskbeat.conf"


def configuration(stack: Stack, password: str) -> str:
    """Write the whole file; the settings are those of every target."""
    own = {
        "port": "0",
        "unixsocket": str(socket(stack.name)),
        "unixsocketperm": "770",
        "pidfile": f"/run/redis-{stack.name}/redis-server.pid",
        "dir": str(data(stack.name)),
        "requirepass": f'"{password}"',
    }
    service = stack.service["redis"]
    memory_mb = service.resources.memory_mb
    settings = {name: arguments.resolved(value, memory_mb) or '""' for name, value in service.settings.items()}
    lines = [f"{name} {value}" for name, value in {**own, **settings}.items()]
    return "\n".join(["# Made by `make systemd-install`; it is written again at each.", *lines, ""])


def ensure(stack: Stack, *, user: str, password: str) -> None:
    """Bring the instance to its configuration and start it; it is restarted only when that has changed."""
    account = pwd.getpwnam(USER)
    data(stack.name).mkdir(mode=0o750, parents=True, exist_ok=True)
    resources = stack.service["redis"].resources
    limits = DROP_IN.format(user=user, memory_mb=resources.memory_mb, pids=resources.pids)
    drop_in(stack.name).parent.mkdir(exist_ok=True)
    files = {
        configuration_file(stack.name): (configuration(stack, password), 0o640),
        drop_in(stack.name): (limits, 0o644),
    }
    changed = [path for path, (text, _) in files.items() if not path.is_file() or path.read_text() != text]
    for path in changed:
        text, mode = files[path]
        write(path, text, mode=mode)
    for path in (data(stack.name), configuration_file(stack.name)):
        shutil.chown(path, account.pw_uid, account.pw_gid)
    capture(["systemctl", "daemon-reload"])
    capture(["systemctl", "enable", unit(stack.name)])
    result = capture(["systemctl", "restart" if changed else "start", unit(stack.name)])
    if not result.ok:
        raise BundleError(f"{unit(stack.name)} does not start: look at `journalctl -u {unit(stack.name)}`.")


def remove(stack: str, *, purge: bool) -> None:
    """Stop the instance; its data and configuration go only when everything does."""
    if not configuration_file(stack).is_file():
        return
    capture(["systemctl", "disable", "--now", unit(stack)])
    shutil.rmtree(drop_in(stack).parent, ignore_errors=True)
    configuration_file(stack).unlink()
    if purge:
        shutil.rmtree(data(stack), ignore_errors=True)


def silence_default() -> None:
    """Stop the instance that installing the package has started: nobody uses it, and it has no password."""
    capture(["systemctl", "disable", "--now", "redis-server.service"])
