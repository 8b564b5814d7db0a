"""An accepted mail as JSON, for programs."""

from collections.abc import Sequence
from hashlib import sha256

from batchmail.emulator.exchange import Json
from batchmail.emulator.mail import AcceptedMail, ReceivedFile


def mail_facts(mail: AcceptedMail) -> dict[str, Json]:
    """What a log has of a mail: whom it is for, and what tells it from others."""
    return {
        "number": mail.number,
        "time": mail.time.isoformat(),
        "account": mail.account,
        "to": list(mail.to),
        "cc": list(mail.cc),
        "bcc": list(mail.bcc),
        "subject": mail.subject,
        "isSendSeparately": mail.send_separately,
        "drafted": mail.drafted,
        "requestBytes": len(mail.request),
        "requestSha256": sha256(mail.request).hexdigest(),
        **({"record": mail.record} if mail.record else {}),
        **({"lost": True} if mail.lost else {}),
    }


def mail_content(mail: AcceptedMail, data: Sequence[Json] = ()) -> dict[str, Json]:
    """What a mail says, and what was asked for it.

    Its files are told by their names, sizes and hashes; where `data` has their contents, these are with them.
    """
    return {
        "body": mail.body,
        "contentType": mail.content_type,
        "userName": mail.user_name,
        "isSaveSentMail": mail.save_sent,
        "isSaveTracking": mail.save_tracking,
        "securityLevel": mail.security_level,
        "attachments": [
            _attachment(file) | ({"data": data[index]} if data else {}) for index, file in enumerate(mail.attachments)
        ],
    }


def _attachment(file: ReceivedFile) -> dict[str, Json]:
    return {
        "filename": file.filename,
        "fileType": file.file_type,
        "cid": file.cid,
        "inline": file.inline,
        "size": len(file.content),
        "sha256": sha256(file.content).hexdigest(),
    }
