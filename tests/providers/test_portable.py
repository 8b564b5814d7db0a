"""Providers that other processes can have: all but the outbox, whatever they have made by then."""

import asyncio
import pickle
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pytest

from batchmail.errors import BatchmailError
from batchmail.location import TextLocation
from batchmail.providers import PROVIDERS
from batchmail.providers.base import LooksUp, Provider
from batchmail.providers.contract_server import MemoryFiles
from batchmail.providers.dkim_signature import DkimSettings
from batchmail.providers.errand import Errand
from batchmail.providers.oauth_settings import OAuthSettings
from batchmail.providers.portable import Portable
from batchmail.providers.smtp import SmtpSettings
from batchmail.providers.works import WorksSettings
from batchmail.secret import Secret
from tests.providers.cases import CASES, HTTP_CASES

CANARY = "kHx-canary-7"
KEY = Path(__file__).parent / "dkim_rsa.pem"


def secret(name: str, folder: Path = Path()) -> Secret:
    return Secret("env", name, TextLocation(folder / "job.yaml", 5, 16))


def settings_of(folder: Path) -> Mapping[str, tuple[str, object]]:
    """Settings with all that a provider may make of them, each with its kind."""
    key = Secret("file", str(KEY), TextLocation(folder / "job.yaml", 8, 16))
    return {
        "works": ("works", WorksSettings(access_token=secret("WORKS_ACCESS_TOKEN"))),
        "works with oauth": (
            "works",
            WorksSettings(oauth=OAuthSettings("id", secret("CLIENT_SECRET", folder), secret("REFRESH_TOKEN", folder))),
        ),
        **{name: (name, HTTP_CASES[name].settings) for name in ("works-v1", "pleasanter")},
        "smtp": (
            "smtp",
            SmtpSettings(
                "mail.example.com",
                username="billing@example.com",
                password=secret("SMTP_PASSWORD"),
                dkim=DkimSettings("example.com", "s1", key),
            ),
        ),
    }


@pytest.fixture(params=settings_of(Path()), ids=str)
def provider(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Provider:
    for name in (
        *("WORKS_ACCESS_TOKEN", "CLIENT_SECRET", "REFRESH_TOKEN", "WORKS_CONSUMER_KEY"),
        *("PLEASANTER_API_KEY", "SMTP_PASSWORD"),
    ):
        monkeypatch.setenv(name, CANARY)
    kind, settings = settings_of(tmp_path)[request.param]
    return PROVIDERS[kind].build(settings)


def use(provider: Provider) -> None:
    """Have it make all that it keeps at hand: credentials, TLS, a key that signs."""
    provider.check_credentials()

    async def scenario() -> None:
        provider.open(MemoryFiles(), 60.0)
        if isinstance(provider, LooksUp):
            provider.sent_folder()

    asyncio.run(scenario())
    for name in dir(type(provider)):
        if isinstance(getattr(type(provider), name), cached_property):
            getattr(provider, name)


def facts(provider: Provider) -> list[object]:
    return [getattr(provider, name) for name in ("title", "account", "capabilities", "official", "record")]


def test_every_provider_but_the_outbox_is_tried() -> None:
    kinds = {kind for kind, _ in settings_of(Path()).values()}
    assert kinds | {"outbox"} == set(PROVIDERS)


@pytest.mark.parametrize("is_used", [False, True])
def test_a_provider_is_the_same_in_another_process(provider: Provider, *, is_used: bool) -> None:
    if is_used:
        use(provider)
    there: Provider = pickle.loads(pickle.dumps(provider))  # noqa: S301  our own
    assert facts(there) == facts(provider)
    use(there)


def test_no_secret_is_packed_however_a_provider_was_used(provider: Provider) -> None:
    use(provider)
    packed = pickle.dumps(Errand(provider, 60.0, in_copies=True))
    assert CANARY.encode() not in packed
    assert KEY.read_bytes().splitlines()[1] not in packed


def test_a_provider_that_was_packed_looks_for_its_secrets_where_it_is(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(provider)
    there: Provider = pickle.loads(pickle.dumps(provider))  # noqa: S301  our own
    for name in ("WORKS_ACCESS_TOKEN", "CLIENT_SECRET", "WORKS_CONSUMER_KEY", "PLEASANTER_API_KEY", "SMTP_PASSWORD"):
        monkeypatch.delenv(name)
    with pytest.raises(BatchmailError):
        there.check_credentials()


def test_an_errand_opens_connections_after_it_was_packed(provider: Provider) -> None:
    errand: Errand = pickle.loads(pickle.dumps(Errand(provider, 60.0)))  # noqa: S301  our own

    async def scenario() -> None:
        open_sender = errand.opener()
        assert open_sender() is not open_sender()

    asyncio.run(scenario())


def test_an_outbox_stays_where_it_is() -> None:
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(PROVIDERS["outbox"].build(CASES["outbox"].settings))


class Nest(Portable):
    """Keeps what it makes at hand."""

    def __init__(self) -> None:
        self.made = 0

    @cached_property
    def unpackable(self) -> object:
        self.made += 1
        return lambda: None

    @property
    def _unrelated(self) -> int:
        return self.made


def test_what_an_object_keeps_at_hand_is_made_anew() -> None:
    nest = Nest()
    assert nest.unpackable is nest.unpackable
    there: Nest = pickle.loads(pickle.dumps(nest))  # noqa: S301  our own
    assert there.unpackable is there.unpackable
    assert there.made == 2
