"""Short-lived addresses of photographs and overlays: handed out with the case, signed, soon worth nothing.

The signature covers the review, the photograph, what of it is shown, and the session that asks. Only its time
and its digest stand in the address. It comes on top of the session and the lease, it replaces neither.
"""

from uuid import UUID

from flask import current_app, request, url_for
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from review.blueprint import settings
from web.access import caller
from web.problem import forbidden
from web.texts import marked as _l


def image_address(endpoint: str, review_id: UUID, n: int) -> str:
    """The address of this endpoint for the session that makes this request, valid for some minutes."""
    signed = _signer().sign(_what(endpoint, review_id, n)).decode()
    _, time, digest = signed.rsplit(".", 2)
    return url_for(endpoint, review_id=review_id, n=n, signed=f"{time}.{digest}")


def check_image_address(review_id: UUID, n: int) -> None:
    """Let through an address that was handed to this session lately. Raises Problem 403."""
    what = _what(request.endpoint or "", review_id, n)
    try:
        _signer().unsign(f"{what}.{request.args.get('signed', '')}", max_age=settings().review_image_seconds)
    except SignatureExpired as error:
        raise forbidden(_l("This address of a photograph has expired. Load the case again.")) from error
    except BadSignature as error:
        raise forbidden(
            _l("Photographs open by the addresses that the case names. Load the case.")
        ) from error


def _what(endpoint: str, review_id: UUID, n: int) -> str:
    return f"{endpoint}|{review_id}|{n}|{caller().session_id}"


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt="photographs of a review")
