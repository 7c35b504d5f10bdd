"""deploy/stack.toml as a file, and the real one."""

from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.load import SOURCE, build, load, parse
from bundle.render import targets
from bundle.rules import images
from tests.checkout import ROOT


@pytest.fixture
def source(tree: Path) -> Path:
    path = tree / SOURCE
    path.parent.mkdir(parents=True)
    path.write_bytes((Path(__file__).parent / "minimal.toml").read_bytes())
    return path


def test_load_reads_a_stack_from_its_tree(source: Path, tree: Path) -> None:
    stack = load(tree)

    assert list(stack.service) == ["store", "prepare", "web"]
    assert stack.times.chain() == {
        "soft_seconds": 300,
        "hard_seconds": 600,
        "supervisor_seconds": 630,
        "grace_seconds": 660,
        "visibility_seconds": 720,
    }


def test_load_names_the_line_that_is_not_toml(source: Path, tree: Path) -> None:
    source.write_text("name = desk\n", encoding="utf-8")

    with pytest.raises(BundleError, match=r"^deploy/stack.toml: not TOML: .*\(at line 1, column 8\); mend that line$"):
        load(tree)


def test_load_says_when_there_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as refused:
        load(tmp_path)

    assert refused.value.problems == (
        "deploy/stack.toml: cannot be read (No such file or directory); run this from a complete checkout",
    )


def test_load_lists_every_broken_rule(source: Path, tree: Path) -> None:
    (tree / "docs/runbooks/web.md").unlink()
    (tree / "entrypoints/web.sh").chmod(0o644)

    with pytest.raises(BundleError) as refused:
        load(tree)

    script = "entrypoints/web.sh is not an executable file in the tree; write it, or chmod +x"
    assert refused.value.problems == (
        "deploy/stack.toml: service.web.runbook: docs/runbooks/web.md is not in the tree; write it",
        f"deploy/stack.toml: service.web.command: {script}",
        f"deploy/stack.toml: program.web.command: {script}",
    )


def test_the_stack_of_this_checkout_keeps_every_rule() -> None:
    load(ROOT)


@pytest.mark.parametrize("service", ["redis", "db"])
def test_one_line_swaps_in_the_official_image(service: str) -> None:
    values = parse((ROOT / SOURCE).read_text(encoding="utf-8"))
    values["service"][service]["image"] += "-official"
    stack = build(values)

    text = targets.files(stack)[Path("deploy/compose/compose.yaml")]

    image = stack.image[stack.service[service].image]
    assert [sentence for rule in images.RULES for sentence in rule(stack, ROOT)] == []
    assert f"    image: {image.reference}\n    container_name" in text
