"""What certificates are checked against. The home of certifi."""

import ssl

import certifi


def tls_context() -> ssl.SSLContext:
    """Mozilla's list, and what this machine trusts (a company's own authority, say). It takes 40 ms to make.

    As everywhere in OpenSSL, the environment variable SSL_CERT_FILE names a file with more.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
