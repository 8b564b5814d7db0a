"""A user's script: steers a standing emulator over HTTP, and sends to it as any program would."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException
from smtplib import SMTP, SMTPResponseException, SMTPServerDisconnected
from typing import Any
from urllib.parse import urlsplit

from batchmail.emulator.standalone import STANDALONE, Ports, Standing, Start
from tests.emulator.wire import TIMEOUT_SECONDS, Response

JSON = {"Content-Type": "application/json"}


def call(
    url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """One request on a connection of its own."""
    parts = urlsplit(url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT_SECONDS)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body, {**(headers or {})})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, named, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Steering:
    """A standing emulator, from outside."""

    standing: Standing

    def get(self, path: str) -> Response:
        return call(f"{self.standing.control_url}{path}")

    def change(self, method: str, path: str, value: object = None) -> Response:
        """A request that changes something; None sends no body."""
        body = None if value is None else json.dumps(value).encode()
        return call(f"{self.standing.control_url}{path}", method, body, JSON)

    def mails(self) -> list[dict[str, Any]]:
        return list(self.get("/mails").json["mails"])

    def send(self, **fields: object) -> Response:
        """A mail, over the API of the emulator's kind."""
        asked = {"to": "kim@example.com", "subject": "Hello", "body": "Text", **fields}
        return {"works": self._works, "works-v1": self._works_v1, "pleasanter": self._pleasanter, "smtp": self._smtp}[
            self.standing.kind
        ](asked)

    def outcome(self, **fields: object) -> int | str:
        """What became of a mail: the status of its answer, or `cut`."""
        try:
            return self.send(**fields).status
        except (HTTPException, ConnectionError):
            return "cut"

    @property
    def _base(self) -> str:
        return str(self.standing.settings["baseUrl"])

    def _works(self, asked: Mapping[str, object]) -> Response:
        headers = {**JSON, "Authorization": f"Bearer {self.standing.environment['WORKS_ACCESS_TOKEN']}"}
        return call(f"{self._base}/users/me/mail", "POST", json.dumps(asked).encode(), headers)

    def _works_v1(self, asked: Mapping[str, object]) -> Response:
        named = {**asked, "text": asked["body"]}
        parts = [
            f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in named.items()
            if name != "body"
        ]
        headers = {
            "Content-Type": "multipart/form-data; boundary=mark",
            "consumerKey": self.standing.environment["WORKS_CONSUMER_KEY"],
            "Authorization": f"Bearer {self.standing.environment['WORKS_V1_ACCESS_TOKEN']}",
        }
        url = f"{self._base}/r/{self.standing.settings['apiId']}/mail/v2/sendMail"
        return call(url, "POST", ("".join(parts) + "--mark--\r\n").encode(), headers)

    def _pleasanter(self, asked: Mapping[str, object]) -> Response:
        model = {name.capitalize(): value for name, value in asked.items() if name != "subject"}
        model |= {"ApiKey": self.standing.environment["PLEASANTER_API_KEY"], "Title": asked["subject"]}
        return call(f"{self._base}/api/items/7/OutgoingMails/Send", "POST", json.dumps(model).encode(), JSON)

    def _smtp(self, asked: Mapping[str, object]) -> Response:
        mail = EmailMessage()
        settings = self.standing.settings
        mail["From"], mail["To"], mail["Subject"] = settings["username"], asked["to"], asked["subject"]
        mail.set_content(str(asked["body"]))
        try:
            with SMTP(str(settings["host"]), int(str(settings["port"])), timeout=TIMEOUT_SECONDS) as server:
                server.login(str(settings["username"]), self.standing.environment["SMTP_PASSWORD"])
                server.send_message(mail)
        except SMTPResponseException as error:
            return Response(error.smtp_code, {}, str(error.smtp_error).encode())
        except SMTPServerDisconnected as error:
            raise ConnectionError from error
        return Response(250, {}, b"")


@contextmanager
def standing(kind: str = "works", *, limits: bool = False) -> Iterator[Steering]:
    """An emulator on a free port."""
    with STANDALONE[kind](Start(Ports(0), limits=limits)) as emulator:
        yield Steering(emulator)
