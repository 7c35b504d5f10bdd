"""The statements that fill an empty database.

`place` is a ticket's place in the order in which tickets become due. It says nothing about where the row lies: the
tickets of one batch are spread over the whole table, which is the dear case.
"""

# Any number without a common factor with the table's size turns ids into another order.
STRIDE = 7919

ORGANISATIONS = """
    INSERT INTO organisations_organisation (id, slug, name, tz, is_active)
    SELECT o, 'organisation-' || o, 'Organisation ' || o, 'UTC', true FROM generate_series(1, 1 + %(boards)s / 10) o
"""

BOARDS = """
    INSERT INTO tickets_board (id, organisation_id, name, effective_hours)
    SELECT b, 1 + b / 10, 'Board ' || b, 24 FROM generate_series(1, %(boards)s) b
"""

COLUMNS = """
    INSERT INTO tickets_column (id, board_id, name, position, is_done_column)
    SELECT b * 4 + p, b, (ARRAY['New', 'Doing', 'Waiting', 'Done'])[p + 1], p, p = 3
    FROM generate_series(1, %(boards)s) b, generate_series(0, 3) p
"""

# The first `few` places become due within the hour after the start, the rest of `many` within the day after that. Of
# all other tickets 6 in 10 were archived long ago, 3 are in other columns, and 1 is in Done but not due for long.
TICKETS = f"""
    WITH ticket AS (
        SELECT id, id * {STRIDE} %% %(tickets)s AS place, 1 + id %% %(boards)s AS board_id
        FROM generate_series(1, %(tickets)s::bigint) id
    ), kind AS (
        SELECT *, CASE WHEN place < %(many)s THEN 0 ELSE 1 + place / %(boards)s %% 10 END AS kind FROM ticket
    ), clock AS (
        SELECT *, CASE
            WHEN place < %(few)s THEN make_interval(hours => -24, secs => place * 3600.0 / %(few)s)
            WHEN kind = 0 THEN make_interval(hours => -23, secs => place * 86400.0 / %(many)s)
            WHEN kind = 10 THEN make_interval(hours => 2, secs => place / 1000.0)
            ELSE make_interval(days => -90, secs => place) END + %(start)s AS entered
        FROM kind
    )
    INSERT INTO tickets_ticket (id, organisation_id, board_id, column_id, number, title, body, priority, requester,
        assignee_id, pinned, created_at, updated_at, entered_column_at, archived_at, archive_at)
    SELECT id, 1 + board_id / 10, board_id, board_id * 4 + CASE WHEN kind BETWEEN 7 AND 9 THEN kind - 7 ELSE 3 END,
        id, 'The printer on floor ' || id %% 40 || ' prints blank pages', repeat('It worked before lunch. ', 8),
        'normal', 'person@example.org', CASE WHEN id %% 2 = 0 THEN (SELECT min(id) FROM auth_user) + id %% 20 END,
        false, entered - interval '3 days', entered, entered,
        CASE WHEN kind BETWEEN 1 AND 6 THEN entered + interval '25 hours' END,
        CASE WHEN kind IN (0, 10) THEN entered + interval '24 hours' END
    FROM clock
"""

EVENTS = """
    INSERT INTO tickets_ticketevent (ticket_id, at, actor_name, kind, old, new, automatic)
    SELECT id, created_at, 'person', 'created', '', 'New', false FROM tickets_ticket
"""

FILL = (ORGANISATIONS, BOARDS, COLUMNS, TICKETS, EVENTS)
TABLES = ("tickets_ticket", "tickets_ticketevent", "tickets_board", "tickets_column")
