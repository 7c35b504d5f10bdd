"""What a user reads instead of a traceback."""


class BundleError(Exception):
    """Say what is wrong, where, and what to do next; printed by `__main__` line by line, exit code 1."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
