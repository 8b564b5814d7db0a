"""Sends what the journal has queued: paced, concurrent, each intent durable before its first byte."""
