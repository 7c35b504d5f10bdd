"""Why an app's service did not do what it was asked; the message is a sentence for the person who asked."""


class NotFoundError(Exception):
    """Nothing of that id belongs to the caller's organisation."""


class RefusedError(Exception):
    """The request contradicts the state of what it names: change that first, as the sentence says."""
