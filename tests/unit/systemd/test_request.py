from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.systemd import account, credentials, machine, release
from bundle.systemd.place import Place
from bundle.systemd.request import Request
from bundle.systemd.unit_files import Fit

Typed = Callable[..., Request]
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n'

REFUSED = [
    ({"PREFIX": "opt"}, "PREFIX='opt' is not an absolute path: write it from the root, as in PREFIX=/opt."),
    ({"PREFIX": "/opt/../root"}, "PREFIX='/opt/../root' is not an absolute path"),
    ({"PREFIX": "/home/desk"}, "PREFIX=/home/desk is below /home, which the units cannot see: use /opt or /srv."),
    ({"DESTDIR": "stage"}, "DESTDIR='stage' is not an absolute path"),
    ({"SERVICE_USER": "root"}, "'root' cannot be the user of the services"),
    ({"SERVICE_USER": "Desk"}, "'Desk' cannot be the user of the services"),
    ({"STACK_NAME": "a" * 35}, "cannot be the user of the services: set SERVICE_USER"),
    ({"STACK_NAME": "Desk"}, "STACK_NAME='Desk' is not accepted"),
    ({"WEB_PORT": "80000"}, "WEB_PORT='80000' is not a port"),
    ({"WORKERS": "0"}, "WORKERS: '0' is not accepted: use 1 to 99."),
    ({"WORKERS": "2 ml=2"}, "WORKERS: under systemd there is one ml: write ml alone."),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_wrong_input_is_refused_in_one_sentence(typed: Typed, given: dict[str, str], sentence: str):
    with pytest.raises(BundleError) as refused:
        typed(**given)

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_user_is_named_like_the_stack_unless_it_is_given(typed: Typed):
    assert typed(STACK_NAME="desk").user == "desk"
    assert typed(STACK_NAME="desk", SERVICE_USER="www-data").user == "www-data"


@pytest.mark.parametrize(
    ("given", "nodes"),
    [("", None), ("3", "3"), ("none", "1"), ("pricing", "1,pricing"), ("2 ml pricing", "2,ml,pricing")],
)
def test_workers_are_a_number_of_nodes_and_types(typed: Typed, given: str, nodes: str | None):
    assert typed(WORKERS=given).workers == nodes


def test_a_staged_place_is_below_its_directory():
    place = Place("desk", Path("/srv"), Path("/stage"))

    assert place.current == Path("/srv/desk/current")
    assert place.at(place.current) == Path("/stage/srv/desk/current")


def test_only_root_installs():
    machine.refuse_other_than_root(0, "make systemd-install")
    with pytest.raises(BundleError, match="root's: run `sudo make systemd-install`"):
        machine.refuse_other_than_root(1000, "make systemd-install")


@pytest.mark.parametrize(
    "os_release",
    [
        DEBIAN.replace("13", "11"),
        DEBIAN.replace("=debian", "=ubuntu"),
        'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n',
        "",
    ],
)
def test_another_system_is_refused_with_those_that_are_supported(os_release: str):
    with pytest.raises(BundleError, match=r"supported are Debian 12 and 13; elsewhere use `make up`"):
        machine.refuse_other_systems(os_release)


def test_debian_13_is_accepted():
    machine.refuse_other_systems(DEBIAN)


def test_memory_is_read_in_whole_megabytes():
    assert machine.memory_mb("MemTotal:       2048000 kB\nMemFree: 1 kB\n") == 2000


def test_an_account_of_somebody_else_is_taken_only_on_purpose():
    with pytest.raises(BundleError, match="belongs to something else"):
        account.refuse_foreign("nobody", Path("/var/lib/nobody"), on_purpose=False)
    account.refuse_foreign("nobody", Path("/var/lib/nobody"), on_purpose=True)


def test_root_is_never_the_user():
    with pytest.raises(BundleError, match="The user root is root's"):
        account.refuse_foreign("root", Path("/root"), on_purpose=True)


def test_a_lost_secret_is_never_made_again(tmp_path: Path):
    (tmp_path / "secret_key").write_text("x")

    with pytest.raises(BundleError, match=r"desk has data, but db_password is gone from .*: put the files back"):
        credentials.refuse_lost(tmp_path, ["secret_key", "db_password"], "desk")


def test_a_release_that_is_not_kept_is_refused_with_those_that_are(typed: Typed, tmp_path: Path):
    (tmp_path / "opt/ticketing/releases/abc").mkdir(parents=True)

    with pytest.raises(BundleError, match=r"RELEASE='xyz' is not kept in /opt/ticketing/releases: there is abc\."):
        release.chosen(typed(RELEASE="xyz"), Fit(Place("ticketing"), "ticketing"))
