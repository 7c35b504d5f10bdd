"""What the dashboard and the alert rules ask for is what we tell; each alert leads to a page."""

import json
import re

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from core.metrics.collect import metrics_text
from core.metrics.tests.test_metrics import put
from core.runs.enums import State
from tests.checkout import ROOT

RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((ROOT / "deploy/grafana/deskbeat.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture
def told(db, redis_server) -> set[str]:
    """Name what a scrape tells, in the form that a query asks for it."""
    put(State.SUCCEEDED)
    families = text_string_to_metric_families(metrics_text().decode())
    return {name for family in families for name in (family.name, *(sample.name for sample in family.samples))}


@pytest.mark.parametrize("queries", [QUERIES, [rule["expr"] for rule in RULES]], ids=["dashboard", "alerts"])
def test_every_metric_that_is_asked_for_is_told(told, queries):
    asked = {name for query in queries for name in re.findall(r"\bdeskbeat_\w+", query)}

    assert asked - told == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_waits_a_while_says_what_is_wrong_and_leads_to_a_page(rule):
    assert re.fullmatch(r"\d+m", rule["for"])
    assert rule["annotations"]["summary"]
    assert (ROOT / rule["annotations"]["runbook_url"]).is_file()


def test_the_dashboard_asks_for_its_data_source():
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}
