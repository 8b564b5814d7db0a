"""What `plan --diff` says: how the mails differ from what was sent before."""

from collections.abc import Iterator, Sequence

from batchmail.cli.documents import Document
from batchmail.cli.onward import Onward
from batchmail.cli.words import grouped, printable
from batchmail.differences import NAMED, ChangedMail, Differences


def diff_text(found: Differences, onward: Onward) -> str:
    """The four kinds of rows, the changed ones with what is other."""
    lines = ["  against what was sent before"]
    lines.append(_counted("new", found.new, found.new_keys))
    lines.append(_counted("changed", found.changed, ()))
    lines += [line for mail in found.changed_mails for line in _changed(mail)]
    if found.changed > len(found.changed_mails):
        lines.append(f"      … and {grouped(found.changed - len(found.changed_mails))} more")
    lines += [_counted("gone", found.gone, found.gone_keys), _counted("unchanged", found.unchanged, ())]
    if found.changed_mails:
        look = onward.command("preview", "--key", found.changed_mails[0].change.key)
        lines.append(f"    of what was sent, digests are kept and no text; to see a mail as it is now:\n      {look}")
    return "\n".join(lines)


def diff_document(found: Differences) -> Document:
    """The same for programs; at most so many rows of each kind are named."""
    return {
        "counts": {"new": found.new, "changed": found.changed, "gone": found.gone, "unchanged": found.unchanged},
        "named": NAMED,
        "new": list(found.new_keys),
        "changed": [_changed_document(mail) for mail in found.changed_mails],
        "gone": list(found.gone_keys),
    }


def _counted(kind: str, number: int, keys: Sequence[str]) -> str:
    more = ", …" if number > len(keys) > 0 else ""
    return f"    {kind:<10} {grouped(number):>9}   {printable(', '.join(keys))}{more}".rstrip()


def _changed(mail: ChangedMail) -> Iterator[str]:
    change = mail.change
    yield f"      {printable(change.key)}   {mail.where}"
    if change.before != change.now:
        yield f"        to       {', '.join(change.before)} → {', '.join(change.now)}"
    if change.subject and mail.message:
        yield f"        subject  now: {printable(mail.message.subject)}"
    elif change.rewritten:
        yield f"        other    {mail.parts[-1]}"


def _changed_document(mail: ChangedMail) -> Document:
    change = mail.change
    return {
        "key": change.key,
        "where": str(mail.where),
        "parts": list(mail.parts),
        "to": {"sent": list(change.before), "now": list(change.now)},
        "subject": mail.message.subject if mail.message else None,
    }
