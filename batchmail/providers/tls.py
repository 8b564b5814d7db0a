"""What certificates are checked against. The home of certifi."""

import ssl

import certifi


def tls_for(url: str) -> ssl.SSLContext | None:
    """What the server of an address is checked with; None where the address is one of plain HTTP, which saves 40 ms."""
    return None if url.lower().startswith("http://") else tls_context()


def tls_context() -> ssl.SSLContext:
    """Mozilla's list, and what this machine trusts (a company's own authority, say). It takes 40 ms to make.

    As everywhere in OpenSSL, the environment variable SSL_CERT_FILE names a file with more.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
