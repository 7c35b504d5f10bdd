import pytest

from core.organisations.enums import Role


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OWNER, {Role.OWNER, Role.AGENT, Role.VIEWER}),
        (Role.AGENT, {Role.AGENT, Role.VIEWER}),
        (Role.VIEWER, {Role.VIEWER}),
    ],
)
def test_role_allows_itself_and_what_is_below(role: Role, allowed: set[Role]) -> None:
    assert {needed for needed in Role if role.allows(needed)} == allowed
