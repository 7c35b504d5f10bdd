"""What Compose files say in a short form, as text, or in a long one, as a table: ports, directories, logs."""

from typing import Any

from bundle.equivalence import words

Entry = dict[str, Any]

SHM = "/dev/shm"  # noqa: S108


def ports(entry: Entry) -> str:
    return words.listed(_port(port) for port in entry.get("ports") or [])


def _port(port: str | Entry) -> str:
    if isinstance(port, dict):
        return f"{port.get('host_ip', 'anywhere')}:{port['published']}:{port['target']}"
    return port if port.count(":") == 2 else f"anywhere:{port}"


def tmpfs(entry: Entry) -> str:
    return words.listed(f"{path} {size} MiB" for path, size in _tmpfs(entry).items() if path != SHM)


def shm(entry: Entry) -> float | None:
    """Read its own key, or the directory in memory that stands in its place in Swarm."""
    return words.mebibytes(entry["shm_size"]) if "shm_size" in entry else _tmpfs(entry).get(SHM)


def _tmpfs(entry: Entry) -> dict[str, float]:
    long = {each["target"]: each["tmpfs"]["size"] for each in _mounts(entry) if each["type"] == "tmpfs"}
    sizes = dict(_short(text) for text in entry.get("tmpfs") or []) | long
    return {path: words.mebibytes(size) for path, size in sizes.items()}


def _short(text: str) -> tuple[str, str]:
    path, _, options = text.partition(":")
    given = dict(option.partition("=")[::2] for option in options.split(","))
    return path, given.get("size", "0")


def volumes(entry: Entry) -> str:
    long = [(each["source"], each["target"]) for each in _mounts(entry) if each["type"] == "volume"]
    return words.listed(f"{source} at {target}" for source, target in long)


def _mounts(entry: Entry) -> list[Entry]:
    return [each if isinstance(each, dict) else _long(each) for each in entry.get("volumes") or []]


def _long(text: str) -> Entry:
    source, target, *_ = text.split(":")
    return {"type": "bind" if source.startswith((".", "/")) else "volume", "source": source, "target": target}


def logging(entry: Entry) -> str:
    options = (entry.get("logging") or {}).get("options") or {}
    return f"{options['max-file']} files of {words.mebibytes(options['max-size'])} MiB" if options else ""
