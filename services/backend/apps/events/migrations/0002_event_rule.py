"""When an event begins, ends and may be archived; and the triggers that keep the due hints, whoever writes.

Triggers, because an event may be moved, published or cancelled by a service, an admin page, QuerySet.update or SQL typed
by hand, and one forgotten writer would leave an ended event open. The chores themselves set status and hint together and
meet none of the triggers' conditions, so they pay nothing.
"""

from django.db import migrations

# All of them are one expression, so that PostgreSQL writes them into the query that calls them.
RULE = """
-- A day begins at its first moment: where the clock is put back over midnight (the Azores), PostgreSQL means the second
-- of the two midnights; where midnight is left out (Beirut), it means the first moment after the gap.
CREATE FUNCTION events_day_begins(day timestamp, tz text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN ((day AT TIME ZONE tz) - interval '1 hour') AT TIME ZONE tz >= day
                THEN (day AT TIME ZONE tz) - interval '1 hour' ELSE day AT TIME ZONE tz END
$$;

CREATE FUNCTION events_begins(starts timestamptz, tz text, all_day boolean)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN all_day THEN events_day_begins(date_trunc('day', starts AT TIME ZONE tz), tz) ELSE starts END
$$;

CREATE FUNCTION events_ends(ends timestamptz, tz text, all_day boolean)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN all_day THEN events_day_begins(date_trunc('day', ends AT TIME ZONE tz) + interval '1 day', tz)
                ELSE ends END
$$;

-- Ended, when the end lies strictly before the moment; a NULL end never does.
CREATE FUNCTION events_status(status varchar, begins timestamptz, ends timestamptz, moment timestamptz)
RETURNS varchar LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN status NOT IN ('CONFIRMED', 'ONGOING') THEN status
                WHEN ends < moment THEN 'COMPLETED'
                WHEN begins < moment THEN 'ONGOING'
                ELSE 'CONFIRMED' END
$$;

CREATE FUNCTION events_transition_due(status varchar, begins timestamptz, ends timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE status WHEN 'CONFIRMED' THEN begins WHEN 'ONGOING' THEN ends END
$$;

-- 90 days as hours: a day of the session's own zone may be longer or shorter.
CREATE FUNCTION events_archive_due(status varchar, completed timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN status = 'COMPLETED' THEN completed + make_interval(hours => 2160) END
$$;

CREATE FUNCTION events_reminder_due(status varchar, begins timestamptz, ahead interval)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN status IN ('CONFIRMED', 'ONGOING') THEN begins - make_interval(secs => extract(epoch FROM ahead)) END
$$;
"""

# An event that is moved to later is open again: what has not begun is not ongoing, what has not ended is not completed.
EVENT = """
CREATE FUNCTION events_keep_hints() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    begins timestamptz := events_begins(NEW.starts_at, NEW.tz, NEW.all_day);
    ends timestamptz := events_ends(NEW.end_date, NEW.tz, NEW.all_day);
    by_time varchar := events_status('CONFIRMED', begins, ends, now());
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.starts_at, NEW.end_date, NEW.tz, NEW.all_day)
            IS DISTINCT FROM (OLD.starts_at, OLD.end_date, OLD.tz, OLD.all_day) THEN
        NEW.sequence := OLD.sequence + 1;
        IF NEW.status IN ('ONGOING', 'COMPLETED') AND by_time <> 'COMPLETED' THEN
            NEW.status := by_time;
        END IF;
    END IF;
    NEW.completed_at := CASE WHEN NEW.status = 'COMPLETED' THEN coalesce(NEW.completed_at, now()) END;
    NEW.transition_at := events_transition_due(NEW.status, begins, ends);
    NEW.archive_at := CASE WHEN NEW.archived_at IS NULL THEN events_archive_due(NEW.status, NEW.completed_at) END;
    IF TG_OP = 'UPDATE' THEN
        UPDATE events_reminder SET due_at = events_reminder_due(NEW.status, begins, "offset")
        WHERE event_id = NEW.id AND sent_at IS NULL
          AND due_at IS DISTINCT FROM events_reminder_due(NEW.status, begins, "offset");
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER event_hints_insert BEFORE INSERT ON events_event
FOR EACH ROW EXECUTE FUNCTION events_keep_hints();

CREATE TRIGGER event_hints_update BEFORE UPDATE ON events_event FOR EACH ROW
WHEN (NEW.starts_at <> OLD.starts_at OR NEW.end_date IS DISTINCT FROM OLD.end_date OR NEW.tz <> OLD.tz
      OR NEW.all_day <> OLD.all_day
      OR (NEW.status <> OLD.status AND NEW.transition_at IS NOT DISTINCT FROM OLD.transition_at)
      OR (NEW.completed_at IS DISTINCT FROM OLD.completed_at AND NEW.archive_at IS NOT DISTINCT FROM OLD.archive_at)
      OR (OLD.archived_at IS NOT NULL AND NEW.archived_at IS NULL))
EXECUTE FUNCTION events_keep_hints();
"""

# FOR SHARE: a reminder that is made while its event is moved waits for the move, and sees it.
REMINDER = """
CREATE FUNCTION events_keep_reminder() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    event record;
BEGIN
    SELECT status, starts_at, tz, all_day INTO event FROM events_event WHERE id = NEW.event_id FOR SHARE;
    NEW.due_at := CASE WHEN NEW.sent_at IS NULL THEN
        events_reminder_due(event.status, events_begins(event.starts_at, event.tz, event.all_day), NEW."offset") END;
    RETURN NEW;
END $$;

CREATE TRIGGER reminder_hint_insert BEFORE INSERT ON events_reminder
FOR EACH ROW EXECUTE FUNCTION events_keep_reminder();

CREATE TRIGGER reminder_hint_update BEFORE UPDATE ON events_reminder FOR EACH ROW
WHEN (NEW.event_id <> OLD.event_id OR NEW."offset" <> OLD."offset" OR (OLD.sent_at IS NOT NULL AND NEW.sent_at IS NULL))
EXECUTE FUNCTION events_keep_reminder();
"""

UNDO = """
DROP TRIGGER reminder_hint_update ON events_reminder;
DROP TRIGGER reminder_hint_insert ON events_reminder;
DROP FUNCTION events_keep_reminder();
DROP TRIGGER event_hints_update ON events_event;
DROP TRIGGER event_hints_insert ON events_event;
DROP FUNCTION events_keep_hints();
DROP FUNCTION events_reminder_due(varchar, timestamptz, interval);
DROP FUNCTION events_archive_due(varchar, timestamptz);
DROP FUNCTION events_transition_due(varchar, timestamptz, timestamptz);
DROP FUNCTION events_status(varchar, timestamptz, timestamptz, timestamptz);
DROP FUNCTION events_ends(timestamptz, text, boolean);
DROP FUNCTION events_begins(timestamptz, text, boolean);
DROP FUNCTION events_day_begins(timestamp, text);
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunSQL(RULE + EVENT + REMINDER, reverse_sql=UNDO)]
