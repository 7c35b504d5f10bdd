"""The environment is read once, typed, and refuses early with a sentence."""

from pathlib import Path

import pytest

from config.env import Environment, EnvironmentRefusedError


def refusal(call: str, values: dict[str, str]) -> str:
    environment = Environment(values)
    with pytest.raises(EnvironmentRefusedError) as refused:
        eval(call, {"env": environment})  # noqa: S307  (the calls stand below)
    return str(refused.value)


@pytest.mark.parametrize(
    ("call", "values", "sentence"),
    [
        ("env.text('DB_NAME')", {}, "DB_NAME is not set: give it a value."),
        ("env.secret('KEY')", {}, "KEY is not set: mount a secret and name it in KEY_FILE, or set KEY."),
        ("env.secret('KEY')", {"KEY": "a", "KEY_FILE": "/b"}, "KEY and KEY_FILE are both set: keep one of them."),
        ("env.secret('KEY')", {"KEY_FILE": "/no"}, "KEY_FILE='/no' cannot be read: No such file or directory."),
        (
            "env.boolean('DEBUG', default=False)",
            {"DEBUG": "maybe"},
            "DEBUG='maybe' is not a yes or no: use True or False.",
        ),
        ("env.integer('PORT', default=1)", {"PORT": "x"}, "PORT='x' is not accepted: use a whole number of 0 or more."),
        (
            "env.integer('PORT', default=1)",
            {"PORT": "-1"},
            "PORT='-1' is not accepted: use a whole number of 0 or more.",
        ),
        ("env.choice('F', default='a', choices=('a', 'b'))", {"F": "c"}, "F='c' is not accepted: use one of a, b."),
        ("env.items('Q', choices=('a', 'b'))", {"Q": "a, c"}, "Q names 'c': use some of a, b."),
        (
            "env.url('U', schemes=('redis',))",
            {"U": "http://:pw@x"},
            "U is not an accepted address: begin it with redis://.",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_the_accepted_form(call, values, sentence):
    assert refusal(call, values) == sentence


def test_a_secret_is_read_from_its_file_without_the_last_newline(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text("s3cret\n")

    assert Environment({"KEY_FILE": str(file)}).secret("KEY") == "s3cret"


def test_an_empty_variable_counts_as_unset():
    env = Environment({"PORT": "", "DEBUG": "", "HOSTS": ""})

    assert (env.integer("PORT", default=5), env.boolean("DEBUG", default=True)) == (5, True)
    assert (env.items("HOSTS", default=("a",)), env.given("PORT")) == (["a"], False)


def test_a_list_drops_blanks_and_empty_items():
    assert Environment({"HOSTS": " a, b ,,"}).items("HOSTS") == ["a", "b"]
