"""The Environment tab: what is new is added, what is there stays."""

from bundle.dokploy import environment_tab

TEMPLATE = {
    "variables": {"main_domain": "${domain}", "db": "${hash:64}"},
    "config": {"env": ["DB_PASSWORD=${db}", "DATABASE_URL=pg://u:${db}@db/x", "HOSTS=${main_domain},localhost"]},
}


def merged(tab: str, **given: str) -> list[str]:
    return environment_tab.merged(tab, TEMPLATE, app_name="desk", host="desk.example.org", given=given).splitlines()


def test_a_secret_that_several_lines_share_keeps_the_value_that_one_has() -> None:
    assert merged("DB_PASSWORD=old\nHOSTS=mine") == [
        "DB_PASSWORD=old",
        "HOSTS=mine",
        "DATABASE_URL=pg://u:old@db/x",
    ]


def test_comments_order_and_unknown_lines_stay() -> None:
    tab = ["# mine", "", "DATABASE_URL=x", "export HOSTS = a # all", "OTHER='${{project.X}}'", "DB_PASSWORD=old"]

    assert merged("\n".join(tab), OTHER="1") == [*tab[:4], "OTHER=1", tab[5]]


def test_the_host_is_found_in_a_line_that_the_template_filled() -> None:
    assert environment_tab.host_in("HOSTS=a.example.org,localhost", TEMPLATE) == "a.example.org"
    assert environment_tab.host_in("HOSTS=*", TEMPLATE) == ""


def test_only_the_whole_host_is_moved_and_only_where_the_template_put_it() -> None:
    tab = "HOSTS=a.example.org,www.a.example.org,a.example.org.uk,b.a.example.org\nMAIL=a.example.org"

    moved = environment_tab.moved(tab, TEMPLATE, old="a.example.org", new="z.example.org")

    assert moved == "HOSTS=z.example.org,www.a.example.org,a.example.org.uk,b.a.example.org\nMAIL=a.example.org"


def test_what_compose_insists_on_is_named_once_and_nothing_else() -> None:
    assert environment_tab.insisted("${A:?x}/${B:-y} $${C:?z} ${A:?x}") == ["A"]
