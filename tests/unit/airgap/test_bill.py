"""A bill of materials names every package in the form that scanners read."""

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bundle.airgap import bill

ROWS = [
    ["system", "debian", "13", "", ""],
    ["deb", "libpq5", "17.6-0+deb13u1", "amd64", "postgresql-17"],
    ["deb", "bash", "5.2.37-2+b5", "amd64", "bash"],
    ["pypi", "django-celery_beat", "2.9.0", "BSD-3-Clause", ""],
    ["pypi", "python-dateutil", "2.9.0.post0", "", ""],
]
IMAGE = "registry.example.org:5000/team/backend:v1"


def test_every_package_has_its_package_url():
    components = json.loads(bill.document(IMAGE, ROWS))["components"]

    assert [component["purl"] for component in components] == [
        "pkg:deb/debian/bash@5.2.37-2%2Bb5?arch=amd64&distro=debian-13",
        "pkg:deb/debian/libpq5@17.6-0%2Bdeb13u1?arch=amd64&distro=debian-13&upstream=postgresql-17",
        "pkg:pypi/django-celery-beat@2.9.0",
        "pkg:pypi/python-dateutil@2.9.0.post0",
    ]


def test_a_licence_is_told_where_the_package_tells_it():
    components = json.loads(bill.document(IMAGE, ROWS))["components"]

    assert [component.get("licenses") for component in components] == [
        None,
        None,
        [{"expression": "BSD-3-Clause"}],
        None,
    ]


def test_the_document_obeys_the_schema_of_cyclonedx():
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.document(IMAGE, ROWS)) is None


def test_the_same_image_gives_the_same_bytes():
    assert bill.document(IMAGE, ROWS) == bill.document(IMAGE, ROWS)
