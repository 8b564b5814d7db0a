"""Operations of the control side upon the accepted mails."""

from base64 import b64encode

from batchmail.emulator.control import Asked, Operation, not_there, number_of
from batchmail.emulator.eml import eml_content, eml_head
from batchmail.emulator.exchange import Answer, Json, json_answer
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import AcceptedMail
from batchmail.emulator.mail_json import mail_content, mail_facts
from batchmail.emulator.server import CONTROL_PATH

_PAGE = 100
_LARGEST_PAGE = 1_000
_MOST = 10**15


class CapturedMails:
    """The mails of an inbox that are in memory."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def operations(self) -> tuple[Operation, ...]:
        """What can be done with them."""
        return (
            Operation("GET", "mails", "mails, oldest first: ?after=N&limit=1…1000&to=TEXT&subject=TEXT", self.page),
            Operation("GET", "mails/{number}.eml", "a mail as its reader gets it; sent separately: ?copy=1…", self.eml),
            Operation("GET", "mails/{number}", "all of a mail; attachments in Base64", self.whole),
            Operation("DELETE", "mails", "empties the inbox; files in --folder stay", self.clear),
        )

    def page(self, asked: Asked) -> Answer:
        """Some mails, and the way to those that follow."""
        after = asked.number("after", default=0, least=0, most=_MOST)
        limit = asked.number("limit", default=_PAGE, least=1, most=_LARGEST_PAGE)
        to, subject = asked.query.get("to", "").lower(), asked.query.get("subject", "")
        found = [
            mail
            for mail in self._inbox.mails
            if mail.number > after
            and subject in mail.subject
            and (not to or any(to in each.lower() for each in mail.recipients))
        ]
        shown = found[:limit]
        rows: list[Json] = [dict(mail_facts(mail)) for mail in shown]
        more = shown[-1].number if len(found) > limit else None
        return json_answer(200, {"mails": rows, "nextAfter": more, "accepted": self._inbox.accepted})

    def whole(self, asked: Asked) -> Answer:
        """One mail."""
        mail = self._mail(asked)
        files: list[Json] = [b64encode(file.content).decode("ascii") for file in mail.attachments]
        place = f"{CONTROL_PATH}/mails/{mail.number}.eml"
        copies: list[Json] = [
            {"recipients": list[Json](copy.recipients), "eml": f"{place}?copy={index}"}
            for index, copy in enumerate(mail.copies, start=1)
        ]
        return json_answer(200, mail_facts(mail) | mail_content(mail, files) | {"copies": copies})

    def eml(self, asked: Asked) -> Answer:
        """One copy of a mail."""
        mail = self._mail(asked)
        copies = mail.copies
        if not copies:
            not_there(f"Mail {mail.number} was accepted, but reached nobody: it is a draft, or lost")
        index = asked.number("copy", default=1, least=1, most=len(copies))
        content = eml_head(mail, copies[index - 1], index) + eml_content(mail)
        return Answer(200, content, (("content-type", "message/rfc822"),))

    def clear(self, asked: Asked) -> Answer:
        """No mails."""
        del asked
        self._inbox.clear()
        return json_answer(200, {"mails": []})

    def _mail(self, asked: Asked) -> AcceptedMail:
        given = asked.parameters["number"]
        number = number_of(given)
        mail = None if number is None else self._inbox.find(number)
        return mail or not_there(f"There is no mail {given} in memory; {self._inbox.accepted} were accepted so far")
