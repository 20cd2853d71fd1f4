"""Signing in with an account of the organisation: OpenID Connect, the code flow with PKCE, state and nonce.

The provider only says who somebody is; it makes nobody a mentor. What a sign-in under way must remember lies sealed in
a cookie of the browser that began it, so nobody else can end it, and each state serves once. Authlib is imported when a
provider is configured, and never else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from assistant.errors import SettingError
from assistant.types import LANGUAGES, Language

PLACE = "/desk/oidc"
"""Where the provider leads back; to be registered with it, behind the address of the site."""

PENDING_SECONDS = 600
"""How long somebody may take at the provider."""

LEEWAY_SECONDS = 60
"""By how much the provider's clock may differ from ours."""

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""How a provider may sign: with a key that only it has. What its metadata offers beyond these does not count."""

_TIMEOUT_SECONDS = 10
_USED = 10_000
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for.

    Attributes:
        subject: Issuer and subject; never given to anybody else.
        email: An address that the provider has verified; None if it has not.
        language: In which they began to sign in.
        target: Where they wanted to go.
    """

    subject: str
    email: str | None
    language: Language
    target: str


class Unvouched(Exception):
    """The provider did not say who it is, or not in a way that can be trusted."""


class Provider:
    """A provider of identities."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        """Ask the provider with this issuer, as it knows this program; nothing is asked yet.

        Raises:
            SettingError: If the issuer's address is not safe, or Authlib is not installed.
        """
        if not _is_safe(issuer):
            raise SettingError(f"ASSISTANT_OIDC_ISSUER={issuer!r}: must begin with https://, or be on this machine")
        try:
            from authlib.integrations.starlette_client import OAuth
        except ImportError as error:
            needed = "ASSISTANT_OIDC_ISSUER needs packages that are missing; install predeparture-assistant[oidc]"
            raise SettingError(needed) from error
        self._issuer = issuer
        self._client_id = client_id
        self._client: Any = OAuth().register(
            "desk",
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "timeout": _TIMEOUT_SECONDS,
            },
        )
        self._seal = secrets.token_bytes(32)
        self._used: OrderedDict[str, float] = OrderedDict()

    async def begin(self, request: Request, language: Language, target: str) -> tuple[str, str]:
        """Return the provider's address for a new sign-in, and what the browser must bring back in a cookie.

        Raises:
            Unvouched: If the provider cannot be reached or is another one than configured.
        """
        try:
            await self._metadata()
            request.scope["session"] = {}
            redirect = await self._client.authorize_redirect(request, f"{_site(request)}{PLACE}")
        except Exception as error:  # Authlib and its HTTP library have many, all of which mean the same here
            raise _unvouched("the sign-in could not begin", error) from None
        pending = {"session": request.session, "language": language, "target": target, "at": time.time()}
        return redirect.headers["location"], self._sealed(pending)

    async def finish(self, request: Request, cookie: str | None) -> Vouched:
        """Return whom the provider vouches for, when it has led a browser back.

        Args:
            request: With the provider's code and the state.
            cookie: What ``begin`` gave to the browser.

        Raises:
            Unvouched: If anything does not fit: the browser, the state, the nonce, the token or its age.
        """
        pending = self._opened(cookie)
        state = request.query_params.get("state", "")
        if pending is None or not state or not self._use(state):
            raise Unvouched("the browser did not begin this sign-in, or it was ended before")
        request.scope["session"] = pending["session"]
        try:
            await self._metadata()
            token = await self._client.authorize_access_token(
                request, claims_options=self._claims_options(), leeway=LEEWAY_SECONDS
            )
            claims: Mapping[str, Any] = token["userinfo"]
            subject = str(claims["sub"])
        except Exception as error:
            raise _unvouched("the sign-in could not be completed", error) from None
        email = str(claims.get("email", "")) if claims.get("email_verified") is True else None
        language = next((each for each in LANGUAGES if each == pending["language"]), LANGUAGES[0])
        return Vouched(f"{self._issuer} {subject}", email or None, language, str(pending["target"]))

    def _claims_options(self) -> dict[str, Any]:
        """Return what a token must say: from this provider, for this program, once, and not for ever."""
        return {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
            "exp": {"essential": True},
            "nonce": {"essential": True},
            "sub": {"essential": True},
        }

    async def _metadata(self) -> None:
        """Read what the provider says about itself, once, and hold it to what we accept."""
        found = await self._client.load_server_metadata()
        if found.get("issuer") != self._issuer:
            found.clear()
            raise ValueError("the provider names another issuer")
        if not all(_is_safe(str(found.get(name, ""))) for name in _ENDPOINTS):
            found.clear()
            raise ValueError("the provider names an address without https")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = sorted(ALGORITHMS.intersection(offered)) or ["RS256"]

    def _sealed(self, pending: Mapping[str, Any]) -> str:
        text = base64.urlsafe_b64encode(json.dumps(pending).encode())
        return f"{text.decode()}.{hmac.new(self._seal, text, hashlib.sha256).hexdigest()}"

    def _opened(self, cookie: str | None) -> dict[str, Any] | None:
        """Return what a cookie of ours holds; None if it is none, or too old."""
        text, _, seal = (cookie or "").partition(".")
        right = hmac.new(self._seal, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(seal.encode(), right.encode()):
            return None
        pending: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
        return pending if time.time() - pending["at"] <= PENDING_SECONDS else None

    def _use(self, state: str) -> bool:
        """Note that a state has been used and return whether it is the first time."""
        if state in self._used:
            return False
        self._used[state] = time.time()
        if len(self._used) > _USED:
            self._used.popitem(last=False)
        return True


def _unvouched(what: str, error: Exception) -> Unvouched:
    """Log what went wrong at the provider, and return what to say about it; tokens and codes stay out of the log."""
    _log.warning("%s: %s", what, type(error).__name__ + (f" ({error})" if isinstance(error, ValueError) else ""))
    return Unvouched(what)


def _site(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers['host']}"


def _is_safe(address: str) -> bool:
    """Return whether nobody can read along on the way to an address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"})
