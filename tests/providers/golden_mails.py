"""Messages whose mails are kept as files, byte by byte, to be looked at in a mail program.

`python -m tests.providers.golden_mails` writes the files again, from the repository's top folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from batchmail.message import Address, Attachment, ContentType, Message, Unsubscribe
from batchmail.providers.files import base64_lines
from batchmail.providers.mime import mail

GOLDEN = Path(__file__).parent / "golden"
ACCOUNT = Address("desk@example.com", "Front desk")
_DATE = datetime(2026, 10, 1, 9, 30, 15, tzinfo=timezone(timedelta(hours=9)))
_DOT = bytes.fromhex(  # a PNG of one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000"
    "000d4944415478da6310d9d4f71f0004860254a75371d80000000049454e44ae426082"
)


@dataclass(frozen=True)
class Contents:
    """Files that exist in memory only, by their digests."""

    contents: Mapping[str, bytes]

    def content(self, attachment: Attachment) -> bytes:
        return self.contents[attachment.digest]

    def base64(self, attachment: Attachment) -> bytes:
        raise NotImplementedError

    def base64_lines(self, attachment: Attachment) -> bytes:
        return base64_lines(self.content(attachment))


FILES = Contents({"dot": _DOT, "sheet": "번호,이름\n00042,김민수\n".encode("cp949")})

MAILS: Mapping[str, Message] = {
    "plain text": Message(
        to=(Address("kim@example.com", "Lee, Kim"),),
        subject="Your invoice 00042",
        body="Dear Kim,\n\nyour invoice is attached.\n.\nBilling\n",
        content_type=ContentType.TEXT,
        identity="00042a",
        date=_DATE,
    ),
    "html in French": Message(
        to=(Address("irene@example.com", "Irène Dubois"), Address("jonas@example.com")),
        subject="Votre rendez-vous du 5 décembre",
        body="<p>Chère Irène,</p>\n<p>à bientôt ! " + "Nous vous attendons. " * 6 + "</p>\n",
        reply_to=Address("accueil@example.com", "Accueil"),
        identity="00043b",
        date=_DATE,
    ),
    "everything in Korean and Japanese": Message(
        to=(Address("kim@example.com", "김민수"), Address("takahashi@example.jp", "髙橋 一郎")),
        subject="10월 회원 안내 — 会員の皆様へ: 十月の請求書と総会のご案内 😀",
        body='<p>안녕하세요, 김민수 님</p>\n<p>髙橋様</p>\n<img src="cid:logo" alt="로고">\n',
        cc=(Address("office@example.com", "총무부; 総務部"),),
        bcc=(Address("archive@example.com"),),
        sender=Address("members@example.com"),
        user_name="회원 관리부",
        reply_to=Address("answers@example.com", "답장"),
        alternative="안녕하세요, 김민수 님\n髙橋様\n",
        headers=(("X-Campaign", "회원 10월"), ("List-Id", "회원 소식 <members.example.com>")),
        unsubscribe=Unsubscribe(
            "https://example.com/leave?k=9f0c5a", "mailto:leave@example.com?subject=leave", one_click=True
        ),
        attachments=(
            Attachment(Path("logo.png"), "로고.png", "image/png", len(_DOT), "dot", "logo"),
            Attachment(Path("a.csv"), "회원 명부와 請求書の一覧 (十月分・最終版) 確認用.csv", "text/csv", 30, "sheet"),
        ),
        identity="00044c",
        date=_DATE,
    ),
}


def content(name: str) -> bytes:
    """The mail of a message, as a file."""
    return b"".join(mail(MAILS[name], ACCOUNT, FILES).pieces())


def path(name: str) -> Path:
    """Where a mail is kept."""
    return GOLDEN / name.replace(" ", "-") / "mail.eml"


if __name__ == "__main__":
    for each in MAILS:
        path(each).parent.mkdir(parents=True, exist_ok=True)
        path(each).write_bytes(content(each))
