"""`make systemd-uninstall`: units and code go; data, settings and secrets stay unless they are to be purged."""

import shutil
from pathlib import Path

from bundle import terminal
from bundle.systemd import account, postgres, redis, release, systemctl, unit_files
from bundle.systemd.place import Place
from bundle.systemd.record import Record
from bundle.systemd.request import Request
from bundle.systemd.unit_files import Fit


def there(request: Request) -> bool:
    """Tell whether anything of the stack is on this machine."""
    return any(path.exists() for path in (*_code(request), *_data(request.place)))


def remains(place: Place, before: Record | None) -> list[str]:
    """Say what is left, for the person who may want to remove it."""
    left = [str(path) for path in _data(place) if path.exists()]
    database = [f"the database {place.stack} (role {place.stack})"] if before and before.own_database else []
    return [*database, *left]


def run(request: Request, before: Record | None, *, purge: bool) -> None:
    place = request.place
    with terminal.step(f"Stopping {place.stack} (a running task is finished first)"):
        _stop(request)
    for path in _code(request):
        _remove(path)
        if path.parent.suffix == ".d" and not any(path.parent.iterdir()):
            path.parent.rmdir()
    systemctl.run("daemon-reload")
    if not before or before.own_redis:
        redis.remove(place.stack, purge=purge)
    if purge:
        _purge(place, before)


def _stop(request: Request) -> None:
    """Sockets first: a request would start the web again."""
    place, names = request.place, _units(request)
    services = [name for name in names if "@" not in name] + systemctl.instances(f"{place.stack}-worker@.service")
    systemctl.run("stop", *[name for name in names if name.endswith(".socket")])
    systemctl.run("stop", f"{place.stack}.target", *services)
    systemctl.run("disable", *services)
    systemctl.run("reset-failed", *services)


def _units(request: Request) -> list[str]:
    """Name the stack's unit files that are there."""
    return [file for file in _names(request) if (request.place.units / file).is_file()]


def _names(request: Request) -> list[str]:
    """Name those of the release in use, and those that this checkout would make.

    Exactly those: a pattern would match another stack, whose name begins alike.
    """
    name, place = release.current(request.place), request.place
    used = release.units(place, name) if release.exists(place, name) else {}
    return sorted({*used, *Fit(place, request.user).units(request.invocation.source)})


def _code(request: Request) -> list[Path]:
    place = request.place
    drop_ins = unit_files.drop_ins_there(place.units, place.stack, _names(request))
    return [*(place.units / name for name in [*_units(request), *drop_ins]), place.manage, place.code]


def _data(place: Place) -> list[Path]:
    return [place.etc, place.state, redis.data(place.stack)]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _purge(place: Place, before: Record | None) -> None:
    if before and before.own_database:
        postgres.drop(postgres.running(before.database_port), role=place.stack, database=place.stack)
    for path in _data(place):
        _remove(path)
    if before:
        account.remove(before.user, place.state)
