"""A stamp is written to the database first, then to the probe's file."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from core.clock import database_now
from core.heartbeat.models import Heartbeat
from core.heartbeat.services import heartbeat_stamp

pytestmark = pytest.mark.django_db


def test_a_stamp_reaches_the_database_and_the_file(tmp_path):
    began = database_now()

    heartbeat_stamp(node="n", file=tmp_path / "run" / "heartbeat")

    assert (tmp_path / "run" / "heartbeat").exists()
    assert Heartbeat.objects.get().stamped_at >= began


def test_the_file_is_not_touched_when_the_database_refuses(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    with pytest.raises(DatabaseError):
        heartbeat_stamp(node="n", file=tmp_path / "heartbeat")

    assert not (tmp_path / "heartbeat").exists()


def test_a_node_that_is_long_gone_is_forgotten_when_a_new_one_comes(tmp_path):
    Heartbeat.objects.create(node="old", stamped_at=database_now() - timedelta(days=2))

    heartbeat_stamp(node="new", file=tmp_path / "heartbeat")

    assert [row.node for row in Heartbeat.objects.all()] == ["new"]
