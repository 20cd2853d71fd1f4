"""Signing in with an account of the organisation, by OpenID Connect."""

from __future__ import annotations


class Provider:
    """A provider of identities."""
