"""Whether the domain that signs a job's mails is the sender's, as DMARC wants it (RFC 7489, section 3.1.1)."""

from collections.abc import Iterator

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import Job


def dkim_findings(job: Job) -> Iterator[Finding]:
    """That the signing domain is not the sender's, nor above or below it; nothing where only the rows tell of it."""
    if job.provider.kind != "smtp":
        return
    from batchmail.providers.smtp import SmtpSettings, ascii_name  # noqa: PLC0415  a job has one provider

    settings = job.provider.settings
    if not isinstance(settings, SmtpSettings) or settings.dkim is None:
        return
    sender = job.message.sender.text if job.message.sender else settings.username or ""
    try:
        domain = ascii_name(_domain(sender))
    except ValueError:
        return
    if domain and not _aligned(settings.dkim.domain.lower(), domain):
        yield rules.DKIM_DOMAIN_DIFFERS.finding(
            f"mails from {domain} are signed for {settings.dkim.domain}",
            job.place("provider", "dkim", "domain"),
            f"Sign for {domain}, with a key that is in its DNS.",
            text=settings.dkim.domain,
        )


def _domain(sender: str) -> str:
    """The domain of a sender; empty where it is a row's own, or none."""
    domain = sender.rpartition("@")[2].strip().removesuffix(">").strip().lower()
    return "" if "@" not in sender or any(sign in domain for sign in "{}%") else domain


def _aligned(signing: str, sending: str) -> bool:
    return signing == sending or sending.endswith(f".{signing}") or signing.endswith(f".{sending}")
