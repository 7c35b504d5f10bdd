"""How long starts took, cold and warm, in each runtime: .run/<stack>/up.json, read by `make report`."""

import json
from pathlib import Path

from bundle.runtimes import Started


def record(run_dir: Path, runtime: str, started: Started, seconds: float) -> None:
    """Keep the last cold and the last warm start; a stack that ran already was not started."""
    if started.was_running:
        return
    all_times = read(run_dir)
    all_times.setdefault(runtime, {})["cold" if started.cold else "warm"] = round(seconds, 1)
    (run_dir / "up.json").write_text(json.dumps(all_times, indent=1) + "\n", encoding="utf-8")


def read(run_dir: Path) -> dict[str, dict[str, float]]:
    try:
        times: dict[str, dict[str, float]] = json.loads((run_dir / "up.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return times


def sentences(run_dir: Path) -> list[str]:
    return [
        f"up to healthy, {runtime}, {kind}: {seconds} s"
        for runtime, kinds in sorted(read(run_dir).items())
        for kind, seconds in sorted(kinds.items())
    ]
