"""`python3 -m bundle VERB`: find the verb's module, parse its arguments, run it."""

import argparse
import importlib
import sys
from pathlib import Path
from types import ModuleType

from bundle.errors import BundleError

# A verb's module is imported only when it is asked for: only `render` and `check` need PyYAML.
VERBS = {
    "render": "Write every generated folder from deploy/stack.toml",
    "check": "Fail when a generated folder is not what deploy/stack.toml renders",
}
ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str]) -> int:
    asked = _front().parse_args(argv[:1])
    try:
        return _run(asked.verb, argv[1:])
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1


def _front() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<10} {sentence}" for name, sentence in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="python3 -m bundle",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"verbs:\n{listing}",
    )
    parser.add_argument("verb", choices=VERBS, metavar="VERB")
    return parser


def _run(verb: str, argv: list[str]) -> int:
    module = _module(verb)
    parser = argparse.ArgumentParser(prog=f"python3 -m bundle {verb}", description=VERBS[verb])
    parser.set_defaults(root=ROOT)
    module.arguments(parser)
    result: int = module.run(parser.parse_args(argv))
    return result


def _module(verb: str) -> ModuleType:
    try:
        return importlib.import_module(f"bundle.verbs.{verb}")
    except ModuleNotFoundError as error:
        if error.name != "yaml":
            raise
        sentence = f"bundle {verb}: PyYAML is not installed for {sys.executable}; run `make {verb}`, which uses .venv"
        raise BundleError(sentence) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
