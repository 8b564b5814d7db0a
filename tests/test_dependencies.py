"""What the package imports is what it declares, and nothing comes by way of somebody else alone."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Packages that are imported by another name than they are installed by.
INSTALLED_BY = {"jinja2": "jinja2", "mjml": "mjml-python", "yaml": "pyyaml"}
#: What those of the extras need: a job does without them until it asks.
OPTIONAL = {"babel": "locales", "css_inline": "html", "inscriptis": "html", "keyring": "keyring"}
OPTIONAL |= {"cryptography": "dkim", "lxml": "html", "mjml": "mjml", "uvloop": "speed"}
#: What the package itself never imports: the tools of its developers, and the peers that it is measured against.
NOT_OF_THE_PACKAGE = {"bench", "dev"}


def names(requirements: Iterable[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", each)[0].lower().replace("_", "-") for each in requirements}


def imported() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "batchmail").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names - {"batchmail"}


def test_every_package_that_is_imported_is_declared_where_it_belongs_and_no_other() -> None:
    wanted = {name: INSTALLED_BY.get(name, name.replace("_", "-")) for name in imported()}
    assert names(PROJECT["dependencies"]) == {wanted[name] for name in wanted if name not in OPTIONAL}
    for extra, requirements in PROJECT["optional-dependencies"].items():
        if extra not in NOT_OF_THE_PACKAGE:
            assert names(requirements) == {wanted[name] for name in wanted if OPTIONAL.get(name) == extra}


def test_developers_have_every_extra() -> None:
    extras = PROJECT["optional-dependencies"]
    assert names(extras["dev"]) >= set().union(*(names(extras[extra]) for extra in extras if extra != "bench"))


def test_the_readme_names_every_extra() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for extra in PROJECT["optional-dependencies"]:
        assert f"[{extra}]" in readme
