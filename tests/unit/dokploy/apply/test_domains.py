"""`make dokploy-apply` gives the web its domain, and leaves the domains that somebody made by hand."""

from tests.unit.dokploy.apply.conftest import HOST, IMAGES, Apply, kept, tab
from tests.unit.dokploy.apply.fake_dokploy import FakeDokploy


def test_another_domain_is_changed_in_its_place(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    row, before = dokploy.domains[0]["domainId"], kept(dokploy)

    apply(DOMAIN="help.example.org")

    assert [(one["domainId"], one["host"]) for one in dokploy.domains] == [(row, "help.example.org")]
    assert tab(dokploy)["ALLOWED_HOSTS"] == "help.example.org,localhost,127.0.0.1"
    assert tab(dokploy)["CSRF_TRUSTED_ORIGINS"] == "http://help.example.org,https://help.example.org"
    assert kept(dokploy) == before


def test_another_domain_leaves_the_hosts_that_somebody_added(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0]["env"] = dokploy.services[0]["env"].replace("127.0.0.1", "127.0.0.1,old-desk.example.org")

    apply(DOMAIN="help.example.org")

    assert tab(dokploy)["ALLOWED_HOSTS"] == "help.example.org,localhost,127.0.0.1,old-desk.example.org"


def test_a_line_that_would_shut_visitors_out_is_pointed_out(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    env = dokploy.services[0]["env"]
    dokploy.services[0]["env"] = env.replace("ALLOWED_HOSTS=desk.example.org", "ALLOWED_HOSTS=other.example.net")

    result = apply()

    warning = "ALLOWED_HOSTS in the Environment tab does not name desk.example.org: the web refuses it until it does."
    assert result.err.splitlines()[-1] == warning
    assert tab(dokploy)["ALLOWED_HOSTS"] == "other.example.net,localhost,127.0.0.1"


def test_https_can_be_switched_on_later_and_off_again(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)

    apply(HTTPS="1")
    on = (dokploy.running["hosts"], dokploy.domains[0]["certificateType"], tab(dokploy)["SECURE_COOKIES"])
    apply(HTTPS="0")
    off = (dokploy.running["hosts"], dokploy.domains[0]["certificateType"], tab(dokploy)["SECURE_COOKIES"])

    assert on == ([("desk.example.org", True)], "letsencrypt", "True")
    assert off == ([("desk.example.org", False)], "none", "False")


def test_https_that_was_set_by_hand_stays(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.domains[0].update(https=True, certificateType="custom", path="/desk")

    apply(HTTPS="1", TAG="1.5.0")

    row = {key: dokploy.domains[0][key] for key in ("https", "certificateType", "path")}
    assert row == {"https": True, "certificateType": "custom", "path": "/desk"}


def test_without_a_domain_the_one_that_dokploy_made_up_is_used(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES)

    host = dokploy.domains[0]["host"]
    assert host.endswith(".sslip.io")
    assert dokploy.running["hosts"] == [(host, False)]
    assert tab(dokploy)["ALLOWED_HOSTS"] == f"{host},localhost,127.0.0.1"


def test_a_domain_that_somebody_deleted_comes_back(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.domains.clear()

    apply()

    assert dokploy.running["hosts"] == [("desk.example.org", False)]


def test_a_host_that_nobody_knows_any_more_is_asked_for(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.domains.clear()
    dokploy.services[0]["env"] = "\n".join(f"{name}={value}" for name, value in kept(dokploy).items())
    dokploy.writes.clear()

    result = apply(**IMAGES)

    assert (result.code, dokploy.writes) == (1, [])
    assert result.err.startswith("The Compose service 'ticketing' in Dokploy has no domain: give it one")


def test_several_domains_of_the_web_want_a_choice(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    second = {**dokploy.domains[0], "domainId": "by-hand", "host": "help.example.org"}
    dokploy.domains.append(second)
    dokploy.writes.clear()

    refused, chosen = apply(HTTPS="1"), apply(DOMAIN="desk.example.org", HTTPS="1")

    assert (refused.code, chosen.code) == (1, 0)
    assert refused.err.startswith("Several domains lead to ticketing-backend (desk.example.org, help.example.org)")
    assert [(one["host"], one["https"]) for one in dokploy.domains] == [
        ("desk.example.org", True),
        ("help.example.org", False),
    ]


def test_a_domain_of_another_service_is_nobodys_business(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    other = {**dokploy.domains[0], "domainId": "by-hand", "host": "db.example.org", "serviceName": "ticketing-db"}
    dokploy.domains.append(dict(other))

    assert apply(DOMAIN="help.example.org").code == 0
    assert dokploy.domains[1] == other
