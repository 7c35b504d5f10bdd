"""The probes answer whoever asks, and say what is wrong with which part."""

import pytest
from celery import current_app

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_answered_whatever_host_it_names(client, redis_server, settings, path):
    settings.ALLOWED_HOSTS = ["desk.example.org"]

    assert client.get(path, headers={"host": "localhost"}).status_code == 200


def test_ready_names_each_part(client, redis_server):
    assert client.get("/readyz").json() == {"database and migrations": "ok", "redis": "ok"}


def test_a_missing_broker_makes_the_web_unready_but_not_dead(client, monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/1")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["redis"]) == (503, "redis does not answer")
    assert client.get("/healthz").status_code == 200


def test_a_request_id_is_kept_or_made_and_sent_back(client):
    assert client.get("/healthz", headers={"x-request-id": "abc-1"})["X-Request-ID"] == "abc-1"
    assert len(client.get("/healthz", headers={"x-request-id": "not an id"})["X-Request-ID"]) == 32
