"""What Dokploy does with a text, as it was observed: helpers and their traps, dotenv, the rewritten YAML."""

import re

import pytest

from bundle.dokploy.imitation import dotenv, helpers, template, yaml12

APP = "ticketing-a1b2c3"


def _variables(**given: str) -> dict[str, str]:
    return template.variables({"variables": given}, APP).by_name


# --- Helpers


@pytest.mark.parametrize(
    ("helper", "pattern"),
    [
        ("hash:64", r"[0-9a-f]{64}"),
        ("hash", r"[0-9a-f]{8}"),
        ("password", r"[a-z0-9]{16}"),
        ("password:5", r"[a-z0-9]{5}"),
        ("base64:3", r"[A-Za-z0-9+/]{4}"),
        ("uuid", r"[0-9a-f-]{36}"),
        ("domain", rf"{APP}-[0-9a-f]{{6}}-192-0-2-1\.sslip\.io"),
        ("timestamps", r"\d{10}"),
        ("randomPort", r"\d{1,5}"),
        ("APP_NAME", APP),
    ],
)
def test_a_helper_generates(helper: str, pattern: str) -> None:
    assert re.fullmatch(pattern, _variables(value=f"${{{helper}}}")["value"])


def test_a_variable_has_one_value_and_a_helper_a_new_one_at_each_use() -> None:
    values = helpers.Values(APP, _variables(token="${hash:32}", password="fixed"))

    assert values.fill("${token}") == values.fill("${token}")
    assert "fixed" not in values.fill("${password}")


def test_text_behind_a_generated_secret_is_lost() -> None:
    assert re.fullmatch(r"[a-z0-9]{8}", _variables(address="${password:8}@host")["address"])


def test_a_reference_to_what_comes_later_stays_raw() -> None:
    values = _variables(early="${late}", late="${uuid}")

    assert values["early"] == "${uuid}"


def test_references_that_dokploy_fills_in_at_the_deploy_survive() -> None:
    assert helpers.Values(APP).fill("${{project.NAME}} ${unknown}") == "${{project.NAME}} ${unknown}"


def test_a_second_dollar_sign_stays() -> None:
    assert helpers.Values(APP, {"x": "value"}).fill("$${x}") == "$value"


# --- The Environment tab


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("A=ab#c", {"A": "ab"}),
        ('A="ab#c" # said', {"A": "ab#c"}),
        ("A= ab ", {"A": "ab"}),
        ("A='ab'", {"A": "ab"}),
        ('A="a\\nb"', {"A": "a\nb"}),
        ("export A=b", {"A": "b"}),
        ("A=", {"A": ""}),
        ("A", {}),
        ("# A=b", {}),
        ("A=b=c", {"A": "b=c"}),
    ],
)
def test_a_line_is_read_as_dotenv_reads_it(line: str, read: dict[str, str]) -> None:
    assert dotenv.parse(line) == read


# --- YAML 1.2


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "1:30", "1_000"])
def test_quotes_vanish_around_what_only_yaml_11_reads_as_something_else(text: str) -> None:
    assert yaml12.dump({"a": text}) == f"a: {text}\n"
    assert yaml12.load(f"a: {text}") == {"a": text}


@pytest.mark.parametrize("text", ["3", "true", "", "~", "1.5", "0x1f", "010"])
def test_quotes_stay_where_the_core_schema_needs_them(text: str) -> None:
    assert yaml12.load(yaml12.dump({"a": text})) == {"a": text}
    assert yaml12.dump({"a": text}) == f"a: '{text}'\n"
