"""What a token endpoint says (RFC 6749, sections 5.1 and 5.2): tokens, a reason to try again, or one to give up."""

from collections.abc import Mapping

from batchmail.outcome import Closed, Refused
from batchmail.providers.answer import excerpt, json_object, one_line, seconds_in, status_name, wait_seconds
from batchmail.providers.base import Reply
from batchmail.providers.credential import concealed
from batchmail.providers.token_store import Tokens

#: An access token is renewed so many seconds before its end, or at nine tenths of its life where that is short.
MARGIN_SECONDS = 60.0
#: A longer life than this, in seconds, is taken for a misunderstanding.
LONGEST_LIFE = 366 * 86_400

#: Errors of the server's own, by whatever status.
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_PASSING_STATUSES = frozenset({408, 425, 429})

_CLIENT = (
    "Check `provider.oauth.clientId` and the secret that `provider.oauth.clientSecret` points to: the Developer "
    "Console shows both, and issues a new secret where one is lost."
)
_HINTS = {
    "invalid_client": _CLIENT,
    "unauthorized_client": _CLIENT,
    "invalid_scope": "Give the app the scope `mail` in the Developer Console, then sign in again.",
}
_ADDRESS = (
    "Check `provider.authUrl` (https://auth.worksmobile.com/oauth2/v2.0), and that no login page of a network or "
)
_ADDRESS += "a proxy answers in its place."


def read_answer(reply: Reply, secrets: tuple[str, ...], now: float, grant_hint: str) -> Tokens | Refused | Closed:
    """What an answer means; `now` is in seconds since 1970, `grant_hint` what to do about `invalid_grant`.

    `secrets` are what the request held: no reason repeats them, nor any token of the answer.
    """
    fields = json_object(reply.body)
    if reply.status // 100 == 2:  # noqa: PLR2004  the class of successes
        return _tokens(fields, now)
    error = one_line(_shown(str(fields.get("error") or ""), secrets), 60)
    reason = _reason(reply, fields, secrets)
    if error in _PASSING or reply.status in _PASSING_STATUSES or reply.status // 100 == 5:  # noqa: PLR2004  a server's own
        wait = wait_seconds(reply, "ratelimit-reset", "retry-after")
        return Refused(error or "token-endpoint", reason, wait, reached=False)
    if error == "invalid_grant":
        return Closed(error, reason, grant_hint)
    return Closed(error or f"HTTP {reply.status}", reason, _HINTS.get(error, _ADDRESS))


def _tokens(fields: Mapping[str, object], now: float) -> Tokens | Closed:
    access, refresh = fields.get("access_token"), fields.get("refresh_token")
    kind = fields.get("token_type", "Bearer")
    if not _is_token(access) or not isinstance(access, str):
        return Closed("no-token", "the token endpoint answered without an access token", _ADDRESS)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return Closed("no-token", "the token endpoint gave a token that is no bearer token", _ADDRESS)
    life = lifetime_seconds(fields.get("expires_in"))
    until = None if life is None else now + life - min(MARGIN_SECONDS, life / 10)
    return Tokens(access, refresh if isinstance(refresh, str) and _is_token(refresh) else "", until)


def lifetime_seconds(expires_in: object) -> float | None:
    """How long a token lives, from a number or a text; None for what is neither, and for no time at all."""
    if isinstance(expires_in, bool):
        return None
    life = seconds_in(str(expires_in)) if isinstance(expires_in, int | float | str) else None
    return life if life is not None and 0 < life <= LONGEST_LIFE else None


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(value) and all("!" <= character <= "~" for character in value)


def _reason(reply: Reply, fields: Mapping[str, object], secrets: tuple[str, ...]) -> str:
    said = str(fields.get("error_description") or "")
    status = f"the token endpoint answered {status_name(reply.status)}"
    if said:
        return f"{status}: {one_line(_shown(said, secrets), 120)}"
    # An answer that is JSON may hold a token by a name that nobody knows.
    page = "" if fields else excerpt(concealed(reply.body, secrets))
    return f"{status}: {one_line(page, 120)}" if page else status


def _shown(text: str, secrets: tuple[str, ...]) -> str:
    return concealed(text.encode("utf-8", "replace"), secrets).decode("utf-8", "replace")
