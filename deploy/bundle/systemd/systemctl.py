"""systemd and its journal, asked and told."""

from collections.abc import Mapping, Sequence

from bundle import logs
from bundle.errors import BundleError
from bundle.process import Result, capture

LINES = 40


def run(*words: str) -> Result:
    return capture(["systemctl", "--quiet", "--no-ask-password", *words])


def must(*words: str) -> None:
    """Tell systemd; a refusal is a sentence with its last words."""
    result = run(*words)
    if not result.ok:
        raise BundleError(f"`systemctl {' '.join(words)}` failed: {result.last_words}")


def show(unit: str, *names: str) -> dict[str, str]:
    """Ask for properties of a unit; of one that is not there they are empty or `inactive`."""
    flags = [f"--property={name}" for name in names]
    answer = capture(["systemctl", "show", *flags, unit]).out
    return dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)


def version() -> int:
    """Return systemd's major version, as 257; 0 where there is none."""
    words = capture(["systemctl", "--version"]).out.split()
    return int(words[1]) if words[1:] and words[1].isdecimal() else 0


def state(unit: str) -> str:
    return show(unit, "ActiveState").get("ActiveState", "unknown")


def active(unit: str) -> bool:
    return state(unit) == "active"


def instances(template: str) -> list[str]:
    """List the instances of `name@` that are enabled or loaded; one with a file of its own may be neither."""
    pattern = template.replace("@", "@*")
    found: set[str] = set()
    for verb in ("list-units", "list-unit-files"):
        listing = capture(["systemctl", verb, "--all", "--plain", "--no-legend", pattern]).out
        lines = [words for line in listing.splitlines() if (words := line.split())]
        found |= {name for name, state, *_ in lines if "@." not in name and state != "disabled"}
    return sorted(found)


def journal(unit: str, *, since: str = "") -> str:
    """Read the last lines of a unit; `since` is an invocation of it, so that no older ones are among them."""
    chosen = [f"_SYSTEMD_INVOCATION_ID={since}"] if since else [f"--unit={unit}"]
    return capture(["journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={LINES}", *chosen]).out


def invocation(unit: str) -> str:
    """Tell one start of a unit from another."""
    return show(unit, "InvocationID").get("InvocationID", "")


def last_words(unit: str, *, of: str = "") -> str:
    """Give what the unit's own process wrote last, most often the reason why it ended."""
    said = journal(unit, since=of or invocation(unit))
    told = [line for line in said.splitlines() if line.strip()]
    return logs.short(worst(told)) if told else f"nothing in `journalctl -u {unit}`"


def worst(lines: Sequence[str]) -> str:
    """Prefer the last line with a traceback, then the last that says what went wrong, to one that says goodbye."""
    entries = [(line, logs.parsed(line) or {}) for line in lines]
    traced = [line for line, entry in entries if entry.get("exc")]
    bad = [line for line, entry in entries if _level(entry) in ("ERROR", "CRITICAL") or "Error" in line]
    return (traced or bad or list(lines))[-1]


def _level(entry: Mapping[str, object]) -> str:
    return str(entry.get("level", "")).upper()
