"""Signatures that a receiver's own library verifies, with what DNS would tell it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator import SmtpRules, smtp_emulator
from batchmail.errors import BatchmailError
from batchmail.location import TextLocation
from batchmail.message import Address, Message, Unsubscribe
from batchmail.outcome import Outcome, Sent
from batchmail.providers.dkim_signature import DkimSettings, DkimSigner, key_findings
from batchmail.providers.mime import Mail, mail
from batchmail.providers.smtp import SmtpSettings, build
from batchmail.secret import Secret, SecretMissing, SecretUnusable
from tests.providers.golden_mails import ACCOUNT, FILES, MAILS
from tests.providers.mail_desk import MESSAGE

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

HERE = Path(__file__).parent
SIGNED = ["From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"]
KEYS = {"rsa": "dkim_rsa", "rsa in the older form": "dkim_rsa_pkcs1", "ed25519": "dkim_ed25519"}
ALL_KEYS = (*(f"{name}.pem" for name in KEYS.values()), "dkim_rsa_512.pem", "none.pem")
#: What DNS has of them.
PUBLIC = {name: (HERE / f"{name}.txt").read_bytes().strip() for name in ("dkim_rsa", "dkim_ed25519")}


def settings(key: Path | str) -> DkimSettings:
    where = TextLocation(Path("job.yaml"), 9, 5)
    return DkimSettings("example.com", "news", Secret("file", str(key), where))


@pytest.fixture(params=list(KEYS.values()), ids=list(KEYS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def signer(name: str) -> DkimSigner:
    return DkimSigner.of(settings(HERE / f"{name}.pem"))


@pytest.fixture
def dns(name: str) -> Callable[..., bytes]:
    def answer(asked: bytes, timeout: int = 5) -> bytes:
        del timeout
        assert asked == b"news._domainkey.example.com."
        return PUBLIC[name.removesuffix("_pkcs1")]

    return answer


@pytest.fixture
def written(files: Contents) -> Mail:
    message = Message(
        (Address("kim@example.com", "김민수"),),
        "十二月のお知らせ — “news”",
        "<p>.\nDear 김  \n\n</p>\n\n\n",
        cc=(Address("sato@example.jp", "佐藤 花子"),),
        sender=Address("news@example.com", "まる通信"),
        reply_to=Address("desk@example.com"),
        alternative="Dear 김\n\n\n",
        attachments=(files.attach("会場案内.txt", bytes(range(256)) * 300, "text/plain"),),
        unsubscribe=Unsubscribe("https://example.com/leave?r=7", one_click=True),
        identity="7",
        date=datetime(2026, 12, 1, 9, tzinfo=UTC),
    )
    return mail(message, Address("news@example.com"), files)


def signed(signer: DkimSigner, written: Mail) -> bytes:
    return b"".join(written.pieces(signer.signature(written)))


def test_a_signed_mail_is_verified(signer: DkimSigner, dns: Callable[..., bytes], written: Mail) -> None:
    assert dkim.verify(signed(signer, written), dnsfunc=dns)


@pytest.mark.parametrize("kept", MAILS)
def test_every_form_of_a_mail_is_verified(kept: str, signer: DkimSigner, dns: Callable[..., bytes]) -> None:
    whole = signed(signer, mail(MAILS[kept], ACCOUNT, FILES))
    assert dkim.verify(whole, dnsfunc=dns)


BODY = st.lists(st.sampled_from([b"\r\n", b"a\r\n", b" \r\n", b"a ", b"\t", b".b\r\n", b""]), max_size=8)


@given(body=BODY, subject=st.text(max_size=120))
def test_whatever_a_mail_ends_with_it_is_verified(body: list[bytes], subject: str) -> None:
    """Pieces end anywhere but within the end of a line."""
    head = mail(replace(MESSAGE, subject=subject), ACCOUNT, FILES).head
    written = Mail(head, (*body, b"\r\n"))
    signer = DkimSigner.of(settings(HERE / "dkim_ed25519.pem"))
    whole = signed(signer, written)
    assert dkim.verify(whole, dnsfunc=lambda *_, **__: PUBLIC["dkim_ed25519"])
    assert max(map(len, signer.signature(written).split(b"\r\n"))) <= 78


@pytest.mark.parametrize("blanks", ["\n", " ", "\r\n", "\n  "])
def test_a_key_is_read_however_its_lines_are_kept(
    blanks: str, name: str, dns: Callable[..., bytes], tmp_path: Path, written: Mail
) -> None:
    first, *lines, last = (HERE / f"{name}.pem").read_text(encoding="ascii").strip().split("\n")
    (tmp_path / "key.pem").write_text(f"# ours\n{blanks.join([first, *lines, last])}\n\n", encoding="ascii", newline="")
    assert dkim.verify(signed(DkimSigner.of(settings(tmp_path / "key.pem")), written), dnsfunc=dns)


def test_a_key_for_something_else_is_told(tmp_path: Path) -> None:
    made = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(made)
    with pytest.raises(SecretUnusable, match="cannot be used"):
        DkimSigner.of(settings(tmp_path / "key.pem"))


def test_what_a_mail_server_gets_is_signed(name: str, dns: Callable[..., bytes], files: Contents) -> None:
    async def scenario(port: int) -> Outcome:
        provider = build(SmtpSettings("127.0.0.1", port, "none", dkim=settings(HERE / f"{name}.pem")))
        async with provider.open(files, 60.0) as sender:
            return await sender.prepare(replace(MESSAGE, body="<p>.\n..\n\n"))()

    with smtp_emulator(rules=SmtpRules(login_required=False)) as emulator:
        assert isinstance(asyncio.run(scenario(emulator.server.port)), Sent)
        [kept] = emulator.inbox.mails
    assert dkim.verify(kept.request, dnsfunc=dns)


def test_a_rehearsal_needs_no_key(tmp_path: Path, files: Contents) -> None:
    provider = build(SmtpSettings("mail.example.com", dkim=settings(tmp_path / "none.pem")))
    provider.at("smtp://127.0.0.1:9", "x").open(files, 60.0)


@pytest.mark.parametrize("field", SIGNED)
def test_a_signature_covers_what_a_reader_sees(
    field: str, signer: DkimSigner, dns: Callable[..., bytes], written: Mail
) -> None:
    whole = signed(signer, written)
    changed = whole.replace(f"\r\n{field}:".encode(), f"\r\n{field}: x".encode(), 1)
    assert changed != whole
    assert not dkim.verify(changed, dnsfunc=dns)


def test_nobody_can_add_a_sender_or_change_a_file(signer: DkimSigner, dns: Callable[..., bytes], written: Mail) -> None:
    whole = signed(signer, written)
    signature = signer.signature(written)
    assert not dkim.verify(whole.replace(b"\r\nFrom:", b"\r\nFrom: x@example.com\r\nFrom:", 1), dnsfunc=dns)
    assert not dkim.verify(whole.replace(b"AAECAwQF", b"BAECAwQF", 1), dnsfunc=dns)
    assert signature.endswith(b"\r\n")
    assert signature.count(b"\n") == signature.count(b"\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "kHx-canary",
        "-----BEGIN PRIVATE KEY-----\nkHx-canary\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkq\n-----END ENCRYPTED PRIVATE KEY-----",
    ],
)
def test_a_key_that_cannot_be_used_is_told_before_anything_is_sent(text: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(text, encoding="utf-8")
    provider = build(SmtpSettings("mail.example.com", dkim=settings(tmp_path / "key.pem")))
    with pytest.raises(BatchmailError, match=r"the key of `provider\.dkim` cannot be used") as raised:
        provider.check_credentials()
    assert "canary" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_key_that_is_not_there_is_told(tmp_path: Path) -> None:
    provider = build(SmtpSettings("mail.example.com", dkim=settings(tmp_path / "none.pem")))
    with pytest.raises(SecretMissing):
        provider.check_credentials()


def test_a_key_that_receivers_ignore_is_refused_and_a_short_one_is_told() -> None:
    with pytest.raises(SecretUnusable, match=r"has 512 bits: .* \(RFC 8301\)"):
        DkimSigner.of(settings(HERE / "dkim_rsa_512.pem"))
    found = {path: [each.rule for each in key_findings(settings(HERE / path))] for path in sorted(ALL_KEYS)}
    assert found == {
        "dkim_ed25519.pem": [],
        "dkim_rsa.pem": ["dkim-key-short"],
        "dkim_rsa_512.pem": ["secret-unusable"],
        "dkim_rsa_pkcs1.pem": ["dkim-key-short"],
        "none.pem": [],
    }


def test_nothing_that_is_shown_has_the_key(signer: DkimSigner) -> None:
    assert "PRIVATE" not in repr(signer)
    assert "MC4CAQ" not in repr(signer)


def test_without_the_extra_a_job_is_told_its_name() -> None:
    script = (
        "import sys\nfrom pathlib import Path\nsys.modules['cryptography'] = None\n"
        "from batchmail.location import TextLocation\nfrom batchmail.secret import Secret\n"
        "from batchmail.providers.dkim_signature import DkimSettings, DkimSigner\n"
        f"key = Secret('file', {str(HERE / 'dkim_rsa.pem')!r}, TextLocation(Path('job.yaml'), 9, 5))\n"
        "try:\n    DkimSigner.of(DkimSettings('example.com', 'news', key))\n"
        "except Exception as error:\n    print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True, cwd=HERE.parents[1]
    )
    assert "pip install 'batchmail[dkim]'" in ended.stdout
