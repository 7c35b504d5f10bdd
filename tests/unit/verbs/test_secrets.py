import stat
from collections.abc import Callable

import pytest

from bundle import secrets
from bundle.errors import BundleError
from bundle.invocation import Invocation
from tests.checkout import STACK

Typed = Callable[..., Invocation]


def test_generate_hides_the_directory_and_lets_containers_read_the_files(typed: Typed) -> None:
    directory = typed().secrets_dir

    made = secrets.generate(typed())

    assert made == list(typed().source.secret)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o444}
    assert len({file.read_text() for file in directory.iterdir()}) == len(made)


def test_what_only_the_operator_knows_is_an_empty_file_that_is_not_missing(typed: Typed) -> None:
    secrets.generate(typed())

    assert secrets.value(typed().secret_file("ALERT_WEBHOOK")) == ""
    assert secrets.missing(typed()) == []


def test_generate_overwrites_nothing(typed: Typed) -> None:
    asked = typed()
    secrets.generate(asked)
    before = secrets.value(asked.secret_file("SECRET_KEY"))
    asked.secret_file("DB_PASSWORD").unlink()

    assert secrets.generate(asked) == ["db_password"]
    assert secrets.value(asked.secret_file("SECRET_KEY")) == before


def test_an_empty_file_is_no_secret(typed: Typed) -> None:
    typed().secrets_dir.mkdir(parents=True)
    typed().secret_file("SECRET_KEY").touch()

    assert "secret_key" in secrets.missing(typed())


def test_refuse_lost_names_the_data_and_the_missing_secrets(typed: Typed) -> None:
    asked = typed(STACK_NAME="shop")
    secrets.generate(asked)
    asked.secret_file("DB_PASSWORD").unlink()

    with pytest.raises(BundleError) as refused:
        secrets.refuse_lost(asked, data="volume shop_db-data")

    assert str(refused.value).startswith(
        "The stack 'shop' has data (volume shop_db-data) but db_password is gone from .run/shop/secrets/: put the files"
    )


def test_a_first_start_may_generate_them(typed: Typed) -> None:
    secrets.refuse_lost(typed(), data="")


@pytest.mark.parametrize("name", [name for name, secret in STACK.secret.items() if not secret.opens_data])
def test_a_secret_that_came_with_a_later_release_is_made_beside_old_data(typed: Typed, name: str) -> None:
    asked = typed(STACK_NAME="shop")
    secrets.generate(asked)
    (asked.secrets_dir / name).unlink()

    secrets.refuse_lost(asked, data="volume shop_db-data")

    assert secrets.generate(asked) == [name]
