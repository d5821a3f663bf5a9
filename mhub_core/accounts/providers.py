"""Other places whose accounts open this hub, as the settings name them. What is asked of them: `server.provider_client`."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mhub_core import settings


@dataclass(frozen=True)
class GitHubAddresses:
    """Where GitHub is asked; it speaks OAuth 2, and not OpenID Connect."""

    authorize: str = "https://github.com/login/oauth/authorize"
    token: str = "https://github.com/login/oauth/access_token"
    api: str = "https://api.github.com"


GOOGLE_ISSUER = "https://accounts.google.com"
GITHUB = GitHubAddresses()


@dataclass(frozen=True)
class Provider:
    """Another place with accounts.

    `name` stands in addresses of ours; `key` is what identities keep; `issuer`: of OpenID Connect, or empty.
    """

    name: str
    title: str
    key: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)

    @property
    def back(self) -> str:
        """Return the address to which the provider sends people back. It is registered there."""
        return f"{settings.address()}/api/sign-in/{self.name}/back"


def configured() -> list[Provider]:
    """Return the providers for which the hub has an id and a secret."""
    issuer = settings.text("MHUB_OIDC_ISSUER").rstrip("/")
    known = (
        ("google", "Google", "google", GOOGLE_ISSUER),
        ("github", "GitHub", "github", ""),
        ("oidc", title_of(issuer), issuer, issuer),  # another issuer has other people under the same names
    )
    found = []
    for name, title, key, its_issuer in known:
        client_id, secret = (settings.text(f"MHUB_{name.upper()}_{part}") for part in ("ID", "SECRET"))
        if client_id and secret and key:
            found.append(Provider(name, title, key, its_issuer, client_id, secret))
    return found


def find(name: str) -> Provider | None:
    """Return a provider by the name that stands in our addresses."""
    return next((provider for provider in configured() if provider.name == name), None)


def title_of(key: str) -> str:
    """Return what people call a provider: its name, or the host of an issuer."""
    return {"google": "Google", "github": "GitHub"}.get(key) or urlsplit(key).hostname or key


def check() -> None:
    """Raise ValueError that names the setting of a provider that is missing or wrong."""
    for name in ("GOOGLE", "GITHUB", "OIDC"):
        parts = [f"MHUB_{name}_ID", f"MHUB_{name}_SECRET", *(["MHUB_OIDC_ISSUER"] if name == "OIDC" else [])]
        given = [part for part in parts if settings.text(part)]
        if given and (missing := [part for part in parts if part not in given]):
            raise ValueError(f"The setting {given[0]} needs {' and '.join(missing)} beside it.")
        if given:
            settings.require_address(given[0])
    issuer = settings.text("MHUB_OIDC_ISSUER")
    if issuer and not is_safe(issuer):
        raise ValueError(f"The setting MHUB_OIDC_ISSUER is {issuer!r}; it must be an address such as https://login.school.edu.")


def is_safe(address: object) -> bool:
    """Tell whether a secret may be sent to an address: over TLS, or on this machine itself."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:
        return False
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
