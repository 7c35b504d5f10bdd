from bundle.systemd import settings
from tests.checkout import STACK

WRITTEN = """\
# ours
WEB_PORT=8000

LOG_LEVEL="DEBUG" # no comment: systemd takes it as it is
MOTTO='one two'
"""


def test_values_are_read_as_systemd_reads_them():
    text = 'A=1\n#B=2\n; C=3\nD = 4\nE="a \\"b\\""\nF=\'x y\'\nG=a b\nA=5\n'

    assert settings.values(text) == {"A": "5", "E": 'a "b"', "F": "x y", "G": "a b"}


def test_a_changed_value_stands_where_it_stood_and_the_rest_is_kept():
    text = settings.changed(WRITTEN, {"WEB_PORT": "9000"})

    assert text == WRITTEN.replace("8000", "9000")


def test_a_new_value_is_added_at_the_end():
    assert settings.changed(WRITTEN, {"DB_HOST": "10.0.0.5"}) == WRITTEN + "DB_HOST=10.0.0.5\n"


def test_the_same_values_change_nothing():
    assert settings.changed(WRITTEN, {"WEB_PORT": "8000", "MOTTO": "one two"}) == WRITTEN


def test_what_is_written_is_read_back():
    wanted = {"A": 'with "quotes", a $ and a \\', "B": "# no comment", "C": "", "D": "plain/path:1"}

    assert settings.values(settings.changed("", wanted)) == wanted


def test_assignments_are_taken_out_and_comments_stay():
    assert settings.without("# DB_HOST=a\nDB_HOST=b\nX=1\n", ["DB_HOST"]) == "# DB_HOST=a\nX=1\n"


def test_every_tunable_is_offered_once_with_its_default():
    tunables = [variable for variable in STACK.variable.values() if variable.tunable]
    once = settings.offered("LOG_LEVEL=DEBUG\n", tunables)

    assert settings.values(once) == {"LOG_LEVEL": "DEBUG"}
    assert "\n#CELERY_CONCURRENCY=2\n" in once
    assert "#LOG_LEVEL" not in once
    assert settings.offered(once, tunables) == once
