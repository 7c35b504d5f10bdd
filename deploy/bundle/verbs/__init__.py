"""The verbs of `python3 -m bundle VERB`.

A verb is one module here with two functions, and one line in the table of `bundle/__main__.py`:

    def arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(args: argparse.Namespace) -> int: ...

`run` returns the exit code and raises `BundleError` for what a user can put right. `args.root` is the checkout.
"""
