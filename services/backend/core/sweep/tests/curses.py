"""A row that the database itself refuses to change: a real trigger on those whose title is Cursed."""

from django.db import connection


def curse(table: str, columns: str, body: str = "RAISE 'not this one'") -> None:
    """Do this whenever one of the columns of such a row is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$;"
            f"CREATE TRIGGER curse BEFORE UPDATE OF {columns} ON {table}"
            " FOR EACH ROW WHEN (NEW.title = 'Cursed') EXECUTE FUNCTION curse()"
        )


def lift_curse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION curse() CASCADE")
