"""This checkout, and what its deploy/stack.toml says; whether it keeps every rule is for one test to tell."""

from pathlib import Path

from bundle.load import SOURCE, build, parse

ROOT = Path(__file__).resolve().parents[1]
STACK = build(parse((ROOT / SOURCE).read_text(encoding="utf-8")))
