"""The second factor: six digits that change every 30 seconds (TOTP, RFC 6238), from an authenticator."""

import hmac
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.models import Clinician

ISSUER = "dermtriage"
STEP_SECONDS = 30
# Clocks differ, and people type slowly: the code before and the code after count too.
DRIFT_STEPS = 1


def begin(session: Session, clinician_id: UUID) -> None:
    """Give a person without second factor a new secret; it counts for nothing until it is confirmed."""
    session.execute(
        update(Clinician)
        .where(Clinician.id == clinician_id, Clinician.totp_confirmed_at.is_(None))
        .values(totp_secret=pyotp.random_base32(), totp_last_step=None)
    )


def confirm(session: Session, clinician_id: UUID, code: str, at: datetime) -> bool:
    """The first code from the new secret was right: from now on a code is needed to sign in."""
    if not accept_code(session, clinician_id, code, at):
        return False
    confirmed = session.scalar(
        update(Clinician)
        .where(Clinician.id == clinician_id, Clinician.totp_confirmed_at.is_(None))
        .values(totp_confirmed_at=at)
        .returning(Clinician.id)
    )
    return confirmed is not None


def accept_code(session: Session, clinician_id: UUID, code: str, at: datetime) -> bool:
    """True when the code is the person's now; each counts once, also for two requests at the same moment."""
    secret = session.scalar(select(Clinician.totp_secret).where(Clinician.id == clinician_id))
    step = step_of(secret, code, at) if secret else None
    if step is None:
        return False
    used = session.scalar(
        update(Clinician)
        .where(Clinician.id == clinician_id, func.coalesce(Clinician.totp_last_step, -1) < step)
        .values(totp_last_step=step)
        .returning(Clinician.id)
    )
    return used is not None


def reset(clinician: Clinician) -> None:
    """The person has lost their authenticator: the second factor is off until they set it up anew."""
    clinician.totp_secret = clinician.totp_confirmed_at = clinician.totp_last_step = None


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Which time step, now or beside it, has this code; None when none has."""
    given, present = "".join(code.split()), int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    fitting = [
        step
        for step in range(max(present - DRIFT_STEPS, 0), present + DRIFT_STEPS + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), given.encode())
    ]
    return max(fitting, default=None)


def enrolment_address(secret: str, email: str) -> str:
    """What the QR code says: the `otpauth:` address of the secret, under the person's name."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_code(text: str) -> str:
    """A QR code as the address of an image (`data:`, an SVG), dark on light in each colour scheme."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff"))
