"""The tables, one subject a file."""

from db.models.audit import AuditAnchor, AuditEntry
from db.models.base import Base
from db.models.cases import Case, IdempotencyKey, Image
from db.models.counts import SurveillanceCount
from db.models.outbox import Delivery, Dispatch, Endpoint, Event
from db.models.people import (
    ApiKey,
    Clinician,
    ClinicianSession,
    FailedSignIn,
    Platform,
    PlatformGrant,
)
from db.models.readings import Assessment, Review, SaliencyMap, ShadowAssessment
from db.models.review_work import FurtherReading, KnownCase, Notice, ReviewDraft, SavedView, Skip
from db.models.running import ModelControl, ModelVersion, ModelWorker

__all__ = [
    "ApiKey",
    "Assessment",
    "AuditAnchor",
    "AuditEntry",
    "Base",
    "Case",
    "Clinician",
    "ClinicianSession",
    "Delivery",
    "Dispatch",
    "Endpoint",
    "Event",
    "FailedSignIn",
    "FurtherReading",
    "IdempotencyKey",
    "Image",
    "KnownCase",
    "ModelControl",
    "ModelVersion",
    "ModelWorker",
    "Notice",
    "Platform",
    "PlatformGrant",
    "Review",
    "ReviewDraft",
    "SaliencyMap",
    "SavedView",
    "ShadowAssessment",
    "Skip",
    "SurveillanceCount",
]
