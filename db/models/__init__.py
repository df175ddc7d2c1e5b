"""The tables, one subject a file."""

from db.models.audit import AuditAnchor, AuditEntry
from db.models.base import Base
from db.models.cases import Case, IdempotencyKey, Image
from db.models.counts import SurveillanceCount
from db.models.outbox import Delivery, Dispatch, Endpoint, Event
from db.models.people import ApiKey, Clinician, ClinicianSession, Platform
from db.models.readings import Assessment, Review, SaliencyMap, ShadowAssessment
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
    "IdempotencyKey",
    "Image",
    "ModelControl",
    "ModelVersion",
    "ModelWorker",
    "Platform",
    "Review",
    "SaliencyMap",
    "ShadowAssessment",
    "SurveillanceCount",
]
