"""What somebody typed, as in the tests of the verbs."""

from tests.unit.verbs.conftest import typed

__all__ = ["typed"]
