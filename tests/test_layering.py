"""Who may import whom, and how large things may grow."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "batchmail"
MODULES = sorted(PACKAGE.rglob("*.py"))

#: The modules that join the parts, and what starts them.
JOINERS = frozenset(
    {
        "__init__",
        "__main__",
        "differences",
        "job_file",
        "pipeline",
        "preview",
        "redirection",
        "rehearsal",
        "results",
        "saving",
        "settling",
        "simulation",
        "suppression",
        "workbook_job",
    }
)
DOMAIN = frozenset({"rules"}.union(path.stem for path in PACKAGE.glob("*.py"))) - JOINERS
#: Two files outside of all packages have a library: one knows where else a secret may be kept (the domain imports it
#: all the same), one knows a faster loop.
EDGES = frozenset({"fastest_loop", "system_keyring"})

#: Beside the domain and itself, a package may import these; all else is `pipeline`'s and `cli`'s business.
ALLOWED = {
    "manifest": set(),
    "recipients": set(),
    "merge": set(),
    "providers": set(),
    "journal": set(),
    "emulator": set(),
    "report": {"batchmail.journal.base", "batchmail.recipients.base"},
    "couriers": {"batchmail.providers.base", "batchmail.providers.errand"},
    "executor": {"batchmail.providers.base", "batchmail.journal.base"},
    "planning": {"batchmail.merge", "batchmail.journal.base", "batchmail.providers.base", "batchmail.recipients.base"},
}

#: One home for each third-party package: the files, or the folders, that may import it.
HOMES = {
    "aiohttp": {"providers/http_connector.py", "providers/http_transport.py"},
    "aiosmtpd": {"emulator/smtp_connection.py"},
    "aiosmtplib": {"providers/smtp_opening.py"},
    "certifi": {"providers/tls.py"},
    "babel": {"merge/locales.py"},
    "click": {"cli"},
    "cryptography": {"providers/dkim_signature.py"},
    "css_inline": {"merge/inline_css.py"},
    "email_validator": {"merge/addresses.py"},
    # One send per journal, and one renewal per token: two packages that know nothing of each other.
    "filelock": {"journal/lock.py", "providers/file_lock.py"},
    # Mails, whose every failure must say whether the mail was taken; forms for tokens and questions, where nothing
    # depends on it.
    "httpx": {
        "providers/http.py",
        "providers/http_answer.py",
        "providers/http_form.py",
        "providers/http_reader.py",
        "providers/http_transport.py",
    },
    "idna": {"providers/smtp.py"},
    "inscriptis": {"providers/plain_text.py"},
    "jinja2": {"merge"},
    "keyring": {"system_keyring.py"},
    "lxml": {"providers/plain_text.py"},
    "markupsafe": {"merge"},
    "mjml": {"merge/mjml.py"},
    "openpyxl": {"report/workbook.py"},
    "pydantic": {"manifest"},
    "pydantic_core": {"manifest"},
    "python_multipart": {"emulator/form_parts.py"},
    "rich": {"cli"},
    "starlette": {"emulator"},
    "uvicorn": {"emulator"},
    "uvloop": {"fastest_loop.py"},
    "yaml": {"manifest/nodes.py"},
    "yarl": {"providers/http_transport.py"},
}

LONGEST_FUNCTION = 60
LONGEST_FILE = 400


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            module = node.module or ""
            yield from (submodule(module, alias.name) for alias in node.names)


def submodule(module: str, name: str) -> str:
    """`from batchmail import rules` means batchmail.rules."""
    path = ROOT.joinpath(*module.split("."), f"{name}.py")
    folder = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if path.is_file() or folder.is_dir() else module


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_packages_import_the_domain_and_never_each_other(path: Path) -> None:
    package = path.relative_to(PACKAGE).parts[0]
    if package == "cli" or package.removesuffix(".py") in JOINERS:
        return
    for module in imports(path):
        parts = module.split(".")
        if parts[0] != "batchmail" or len(parts) == 1 or parts[1] in DOMAIN:
            continue
        own = parts[1] == package
        assert own or module in ALLOWED.get(package, set()), f"{named(path)} imports {module}"


@pytest.mark.parametrize("path", sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("rules/*.py")]), ids=named)
def test_the_domain_needs_the_standard_library_alone(path: Path) -> None:
    if path.stem not in DOMAIN - EDGES and path.parent == PACKAGE:
        return
    for module in imports(path):
        top = module.partition(".")[0]
        assert top in sys.stdlib_module_names | {"batchmail"}, f"{named(path)} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_each_third_party_package_has_one_home(path: Path) -> None:
    for module in imports(path):
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or top == "batchmail":
            continue
        homes = HOMES[top]
        assert named(path) in homes or path.relative_to(PACKAGE).parts[0] in homes, f"{named(path)} imports {top}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_files_and_functions_stay_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{named(path)}: {node.name}"
