"""The archive rule and the triggers that keep the clock and the due hint of every ticket.

Triggers, because a move may come from a service, an admin page, QuerySet.update or SQL typed by hand, and one forgotten
writer would archive tickets too early or never. Archiving itself touches none of their conditions, so it pays nothing.
"""

from django.db import migrations

RULE = """
CREATE FUNCTION tickets_archive_due(is_done boolean, pinned boolean, entered timestamptz, hours integer)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_done AND NOT pinned THEN entered + make_interval(hours => hours) END
$$;
"""

# FOR SHARE: a change of the board's threshold or Done columns waits for the moves in flight, so that its recompute sees
# them; moves do not wait for each other. The column is read afterwards, in a newer snapshot.
TICKET = """
CREATE FUNCTION tickets_keep_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    board record;
    place record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.column_id <> OLD.column_id OR (OLD.archived_at IS NOT NULL AND NEW.archived_at IS NULL) THEN
            NEW.entered_column_at := now();
        END IF;
    END IF;
    SELECT organisation_id, effective_hours INTO board FROM tickets_board WHERE id = NEW.board_id FOR SHARE;
    SELECT board_id, is_done_column INTO place FROM tickets_column WHERE id = NEW.column_id;
    IF place.board_id <> NEW.board_id OR board.organisation_id <> NEW.organisation_id THEN
        RAISE EXCEPTION 'ticket %: column % and organisation % do not belong to board %',
            NEW.number, NEW.column_id, NEW.organisation_id, NEW.board_id USING ERRCODE = 'check_violation';
    END IF;
    NEW.archive_at := CASE WHEN NEW.archived_at IS NULL THEN
        tickets_archive_due(place.is_done_column, NEW.pinned, NEW.entered_column_at, board.effective_hours) END;
    RETURN NEW;
END $$;

CREATE TRIGGER ticket_clock_insert BEFORE INSERT ON tickets_ticket
FOR EACH ROW EXECUTE FUNCTION tickets_keep_clock();

CREATE TRIGGER ticket_clock_update BEFORE UPDATE ON tickets_ticket FOR EACH ROW
WHEN (NEW.column_id <> OLD.column_id OR NEW.board_id <> OLD.board_id OR NEW.organisation_id <> OLD.organisation_id
      OR NEW.pinned <> OLD.pinned OR NEW.entered_column_at <> OLD.entered_column_at
      OR (OLD.archived_at IS NOT NULL AND NEW.archived_at IS NULL))
EXECUTE FUNCTION tickets_keep_clock();
"""

COLUMN = """
CREATE FUNCTION tickets_mark_hints_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_board SET hints_stale_since = clock_timestamp() WHERE id = NEW.board_id;
    RETURN NULL;
END $$;

CREATE TRIGGER column_done_changed AFTER UPDATE OF is_done_column ON tickets_column FOR EACH ROW
WHEN (NEW.is_done_column <> OLD.is_done_column) EXECUTE FUNCTION tickets_mark_hints_stale();
"""

UNDO = """
DROP TRIGGER column_done_changed ON tickets_column;
DROP FUNCTION tickets_mark_hints_stale();
DROP TRIGGER ticket_clock_update ON tickets_ticket;
DROP TRIGGER ticket_clock_insert ON tickets_ticket;
DROP FUNCTION tickets_keep_clock();
DROP FUNCTION tickets_archive_due(boolean, boolean, timestamptz, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [migrations.RunSQL(RULE + TICKET + COLUMN, reverse_sql=UNDO)]
