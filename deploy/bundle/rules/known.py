"""Words that refer to something must find it."""

import graphlib
from collections.abc import Iterable, Iterator, Mapping

from bundle.schema import suggestion


def unknown(place: str, words: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    names = list(known)
    for word in words:
        if word not in names:
            yield f"{place}: {word!r} is unknown; {suggestion(word, names)}"


def circle(graph: Mapping[str, Iterable[str]]) -> str:
    """Show a dependency circle as `a -> b -> a`, or nothing."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return ""
