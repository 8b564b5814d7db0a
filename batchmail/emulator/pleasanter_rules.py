"""How strict the emulated Pleasanter is, and what it says: settings of a real one, and every guess as a switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["en", "ja"]


@dataclass(frozen=True, slots=True)
class PleasanterRules:
    """Settings of the server. † marks what neither the manual nor the program's source says for certain."""

    #: The language of the API key's user; where a Japanese text is not known, it is the English one.
    language: Language = "en"
    #: Whether requests come from where `Security.json` (`AllowIpAddresses`) lets nobody in.
    address_blocked: bool = False
    #: † The filter's answers spell their only key `message`: the framework's default, read out of the source.
    lower_case_keys: bool = True
    #: What JSON that cannot be read is answered with: 400 by the source, 401 by the manual's FAQ.
    bad_json: Literal[400, 401] = 400
    #: `Security.json`, `MimeTypeCheckOnApi`: the content type must be `application/json` and nothing more.
    mime_check: bool = False
    #: `Api.json`, `LimitPerSite`: requests a day, those that are refused included; None is no limit.
    requests_per_day: int | None = None
    #: The site that all records belong to.
    site: int = 1
    #: The records that there are and that the user may send mail from; None stands for every number.
    records: frozenset[int] | None = None
    #: Whether mail goes out through SendGrid, which wants a `To`.
    send_grid: bool = False
    #: `Mail.json`, `InternalDomains`: what every address must end with; none is no rule.
    internal_domains: tuple[str, ...] = ()
    #: `Mail.json`, `FixedFrom` and `AllowedFrom`: whom mail comes from, and who may be named instead.
    fixed_from: str | None = None
    allowed_from: tuple[str, ...] = ()
    #: Whether the mail system behind takes the mails; the answer is the same if it does not.
    mail_system_works: bool = True
    #: `Service.json`, `MaxRequestBodySize`; † a larger request is answered with 413.
    request_bytes: int = 30_000_000
    #: The column of the subject; a longer one makes the server crash.
    title_characters: int = 1_024

    @classmethod
    def rehearsal(cls) -> Self:
        """The rules of a rehearsal: nothing is refused for what the emulator cannot know of the real server."""
        return cls()


#: `App_Data/Displays/*.json`. Places in braces are filled in.
TEXTS: Mapping[str, Mapping[Language, str]] = {
    "sent": {"en": "Email has been sent.", "ja": "メールを送信しました。"},
    "invalid": {"en": "Invalid request."},
    "unauthorized": {"en": "Unable to authorize.", "ja": "認証できませんでした。"},
    "no-right": {
        "en": "You do not have permission to perform this operation.",
        "ja": "この操作を行うための権限がありません。",
    },
    "used-up": {
        "en": "The API limit ({limit} Requests/Day) that can be used on the site with ID {site} has been exceeded."
    },
    "no-recipient": {"en": "Add at least one email address.", "ja": "1つ以上の宛先を追加してください。"},
    "no-to": {"en": "Add at least one recipient."},
    "bad-address": {"en": "Invalid email address.[{piece}]", "ja": "不正なメールアドレスです。[{piece}]"},
    "external": {"en": "Cannot send to an external email address.[{piece}]"},
}


def text(name: str, language: Language, **places: object) -> str:
    """A sentence of the server."""
    spoken = TEXTS[name]
    return spoken.get(language, spoken["en"]).format(**places)
