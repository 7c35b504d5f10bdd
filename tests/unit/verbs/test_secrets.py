import stat
from pathlib import Path

import pytest

from bundle import secrets
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.load import load

CHECKOUT = Path(__file__).parents[3]


def test_names_are_those_of_the_stack() -> None:
    assert set(secrets.NAMES) == set(load(CHECKOUT).secret)


def test_generate_hides_the_directory_and_lets_containers_read_the_files(tmp_path: Path) -> None:
    directory = tmp_path / "run" / "secrets"

    made = secrets.generate(directory)

    assert made == list(secrets.NAMES)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o444}
    assert len({file.read_text() for file in directory.iterdir()}) == len(secrets.NAMES)


def test_generate_overwrites_nothing(tmp_path: Path) -> None:
    secrets.generate(tmp_path)
    before = secrets.value(tmp_path / "secret_key")
    (tmp_path / "db_password").unlink()

    assert secrets.generate(tmp_path) == ["db_password"]
    assert secrets.value(tmp_path / "secret_key") == before


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()

    assert "secret_key" in secrets.missing(tmp_path)


def test_refuse_lost_names_the_data_and_the_missing_secrets(tmp_path: Path) -> None:
    asked = Invocation(tmp_path, stack="shop")
    secrets.generate(asked.secrets_dir)
    (asked.secrets_dir / "db_password").unlink()

    with pytest.raises(BundleError) as refused:
        secrets.refuse_lost(asked, data="volume shop_db-data")

    assert str(refused.value).startswith(
        "The stack 'shop' has data (volume shop_db-data) but db_password is gone from .run/shop/secrets/: put the files"
    )


def test_a_first_start_may_generate_them(tmp_path: Path) -> None:
    secrets.refuse_lost(Invocation(tmp_path), data="")
