"""Who may make an account: everyone, who holds an invitation, or nobody new. The first account of a hub can always be made.

An invitation is a signed token with an end. It is good for any number of people, as for a class, and nothing is stored of it: a
hub whose setting says `closed` takes none any more.
"""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

from mhub_core import settings
from mhub_core.accounts import hub_service
from mhub_core.accounts.records import CLOSED, INVITED, OPEN, User
from mhub_core.errors import Forbidden
from mhub_core.sharing import policy

INVITATION_DAYS = 7
_LONGEST = 300  # letters of a token, with room to spare: what is longer is none
_CONTENT = "join"


def way() -> str:
    """Return one of OPEN, INVITED and CLOSED. Raises ValueError that names the setting of the environment."""
    return hub_service.current().sign_up


def invite(admin: User | None) -> str:
    """Return a token with which people may make accounts for `INVITATION_DAYS`. Raises Forbidden for all but an administrator."""
    policy.require_administrator(admin, "invite people")
    return _serializer().dumps(_CONTENT)


def is_invited(token: str) -> bool:
    """Tell whether a token is an invitation that has not ended."""
    try:
        return bool(_serializer().loads(token[:_LONGEST], max_age=INVITATION_DAYS * 24 * 3600) == _CONTENT)
    except BadSignature:
        return False


def refusal(invitation: str) -> Forbidden | None:
    """Return why nobody new may make an account with this invitation (empty: with none), or None when they may."""
    if way() == OPEN or (way() == INVITED and is_invited(invitation)):
        return None
    if way() == CLOSED:
        return Forbidden("This hub takes no new accounts.", mend="Ask its administrator for help.")
    if invitation:
        told = "This invitation has expired, or its link is incomplete."
        return Forbidden(told, "An invitation is valid for a week.", "Ask the administrator of this hub for a new link.")
    return Forbidden("New accounts on this hub need an invitation.", mend="Ask the administrator of this hub for a link.")


def email_problem(email: str) -> str:
    """Return what is wrong with an e-mail address on this hub, or nothing: it may take those of some domains alone."""
    domains = [one for one in hub_service.current().domains.split(", ") if one]
    if not domains or email.rpartition("@")[2].lower() in domains:
        return ""
    return f"must be an address at {' or '.join(domains)}"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key(), salt="invitation")
