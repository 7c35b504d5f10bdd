"""The API's description, which programs are made from."""

from collections import defaultdict
from collections.abc import Iterator

from ninja import Schema

from config.api import api


def schemas(of: type[Schema] = Schema) -> Iterator[type[Schema]]:
    for schema in of.__subclasses__():
        yield schema
        yield from schemas(schema)


def test_no_two_schemas_go_by_one_name() -> None:
    """Of two with one name the description would hold the later one alone, and be wrong about the other."""
    assert api.urls
    homes = defaultdict(set)
    for schema in schemas():
        if schema.__module__.startswith(("apps.", "core.")):
            homes[schema.__name__].add(schema.__module__)

    assert len(homes) > 50
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}
