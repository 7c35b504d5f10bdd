"""`make systemd-install DESTDIR=...`: the whole tree below a directory, for a package or an image; nothing else."""

import os
from dataclasses import dataclass

from bundle.files import link, write
from bundle.systemd import plan, release, settings, transient, unit_files
from bundle.systemd.request import Request
from bundle.systemd.unit_files import Fit

# The servers of a machine are known only there; its first installation writes what follows from them.
HERE = {"DB_HOST": "localhost", "REDIS_HOST": "localhost"}


@dataclass(frozen=True)
class Staged:
    """What was laid out."""

    release: str
    files: int


def run(request: Request) -> Staged:
    os.umask(0o022)
    place = request.place
    fit = Fit(place, request.user)
    name = release.chosen(request, fit)
    release.ensure(request, name, fit)
    link(place.at(place.current), f"releases/{name}")
    text = plan.settings_text(request)
    units = release.units(place, name)
    said = {**HERE, **settings.values(text)}
    drop_ins = unit_files.drop_ins(place.stack, said, units)
    unit_files.write_all(place.at(place.units), {**units, **drop_ins})
    for directory, mode in (
        (place.etc, 0o755),
        (place.credentials, 0o700),
        (place.state, 0o750),
        (place.manage.parent, 0o755),
    ):
        place.at(directory).mkdir(parents=True, exist_ok=True)
        place.at(directory).chmod(mode)
    write(place.at(place.settings), text, mode=0o640)
    write(place.at(place.manage), transient.script(units[f"{place.stack}-web.service"], place.current), mode=0o755)
    return Staged(name, sum(1 for path in place.root.rglob("*") if path.is_file()))
