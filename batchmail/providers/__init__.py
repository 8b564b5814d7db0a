"""The mail APIs: one file a provider."""
