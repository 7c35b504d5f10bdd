"""The rendered units, fitted to one machine: its prefix, its user, its web address; and a candidate's copy of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bundle.files import write
from bundle.model import Stack
from bundle.render import systemd
from bundle.render.systemd import backoff
from bundle.systemd import account, nodes, systemctl
from bundle.systemd.place import Place

ANY_ADDRESS = """\
# Made by `make systemd-install`: a server elsewhere, or the name server that finds it, may have any address.
[Service]
IPAddressDeny=
IPAddressAllow=
"""
LEFT = """\
# Made by `make systemd-install` from WORKERS: the queues that no type of worker takes.
[Service]
Environment=CELERY_QUEUES={queues}
"""
# Names of the drop-ins that the installer makes.
MADE = ("address.conf", "servers.conf", "queues.conf", "backoff.conf")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SUFFIXES = (".service", ".socket", ".target", ".slice", ".timer")


@dataclass(frozen=True)
class Fit:
    """What a machine chooses."""

    place: Place
    user: str

    def units(self, stack: Stack) -> dict[str, str]:
        """Render for the stack's name, then put the machine's choices where the defaults stand."""
        named = replace(stack, name=self.place.stack)
        files = {name: text for name, text in systemd.render(named).items() if name.endswith(SUFFIXES)}
        return {name: self._fitted(text) for name, text in files.items()}

    def _fitted(self, text: str) -> str:
        stack = self.place.stack
        text = text.replace(f"/opt/{stack}/", f"{self.place.code}/")
        for key, value in {"User": self.user, "Group": account.group(self.user)}.items():
            text = text.replace(f"\n{key}={stack}\n", f"\n{key}={value}\n")
        return text


def drop_ins(stack: str, settings: Mapping[str, str], units: Mapping[str, str]) -> dict[str, str]:
    """Write what a machine and its settings change in a release's units."""
    # A socket's address cannot come from a file of variables.
    address = ["# Made by `make systemd-install` from WEB_BIND and WEB_PORT.", "[Socket]", "ListenStream="]
    files = {f"{stack}-web.socket.d/address.conf": "\n".join([*address, f"ListenStream={listen(settings)}", ""])}
    if elsewhere(settings):
        # For each unit: a drop-in for all that begin alike would be another stack's too.
        files |= {f"{name}.d/servers.conf": ANY_ADDRESS for name in units if name.endswith(".service")}
    if left := nodes.left_queues(stack, units, nodes.listed(settings.get("WORKERS", nodes.DEFAULT))):
        files[f"{stack}-worker@.service.d/queues.conf"] = LEFT.format(queues=left)
    if systemctl.version() >= backoff.KNOWN_SINCE:
        files[backoff.file_name(stack)] = backoff.TEXT
    return files


def drop_ins_there(directory: Path, stack: str, units: Iterable[str]) -> list[str]:
    """Find the installer's own; what `systemctl edit` has made is the operator's."""
    named = [f"{unit}.d/{name}" for unit in [*units, f"{stack}-.service"] for name in MADE]
    return [name for name in named if (directory / name).is_file()]


def elsewhere(settings: Mapping[str, str]) -> bool:
    """Tell whether a server is on another machine, or may be: an address with a password in it is a credential."""
    hosts = [settings.get(name, "") for name in ("DB_HOST", "REDIS_HOST")]
    return not all(host.startswith("/") or host in LOOPBACK for host in hosts)


def listen(settings: Mapping[str, str]) -> str:
    bind = settings["WEB_BIND"]
    return f"{f'[{bind}]' if ':' in bind else bind}:{settings['WEB_PORT']}"


def exchange(directory: Path, old: set[str], new: Mapping[str, str]) -> None:
    """Let the directory hold the new ones in the place of the old ones; others' files are left alone."""
    for name in old - new.keys():
        file = directory / name
        file.unlink(missing_ok=True)
        if file.parent.suffix == ".d" and file.parent.is_dir() and not any(file.parent.iterdir()):
            file.parent.rmdir()
    write_all(directory, new)


def differing(directory: Path, files: Mapping[str, str]) -> list[str]:
    return [name for name, text in files.items() if _content(directory / name) != text]


def write_all(directory: Path, files: Mapping[str, str]) -> None:
    for name in differing(directory, files):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        write(directory / name, files[name], mode=0o644)


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
