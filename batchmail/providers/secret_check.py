"""Secrets and libraries that `send` would stumble over: looked at while a plan is made, which itself needs none."""

from collections.abc import Callable, Iterator

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location
from batchmail.providers.base import ChecksSecrets, Provider
from batchmail.providers.credential import Token
from batchmail.providers.token_store import TokenStore, TokensUnusable
from batchmail.secret import Secret, SecretMissing, SecretUnusable


def secret_findings(provider: Provider) -> Iterator[Finding]:
    """What a provider finds about its secrets; nothing for one that does not look."""
    return provider.secret_findings() if isinstance(provider, ChecksSecrets) else iter(())


def unusable(token: Token | None, use: Callable[[], object]) -> Iterator[Finding]:
    """That a secret is no good for its `use`, as far as it is there.

    Whatever is in a keyring is left alone: somebody would have to unlock it for a plan.
    """
    if not isinstance(token, Secret):
        return
    try:
        if token.scheme == "keyring":
            token.check()
        else:
            use()
    except SecretUnusable as error:
        yield finding_of(error)
    except SecretMissing:
        pass  # another machine may have it


def finding_of(error: SecretUnusable) -> Finding:
    """The finding that an error stands for."""
    rule = rules.EXTRA_MISSING if error.extra else rules.SECRET_UNUSABLE
    return rule.finding(error.reason, error.where, error.hint)


def unusable_tokens(store: TokenStore, where: Location) -> Iterator[Finding]:
    """That the tokens of a sign-in cannot be read."""
    try:
        store.check()
    except TokensUnusable as error:
        yield rules.SECRET_UNUSABLE.finding(error.message, where, error.hint)
