"""What the doors of webhooks take and answer."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from db.events import EventType


class PageQuery(BaseModel):
    """Which page of a list, newest first."""

    model_config = ConfigDict(extra="forbid")

    cursor: UUID | None = Field(default=None, description="The `next_cursor` of the answer before")
    limit: int = Field(default=50, ge=1, le=200, description="Items an answer")


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    event_id: UUID | None = Field(default=None, description="Of this event only")
    endpoint_id: UUID | None = Field(default=None, description="To this endpoint only")


class EndpointPath(BaseModel):
    """The address of an endpoint."""

    endpoint_id: UUID = Field(description="The id of the endpoint")


class EventPath(BaseModel):
    """The address of an event."""

    event_id: UUID = Field(description="The id of the event, which is its webhook-id too")


class NewEndpoint(BaseModel):
    """Where events shall go."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        description="Address with https that resolves to public addresses only",
        examples=["https://hooks.example.org/dermtriage"],
    )
    event_types: list[EventType] = Field(default=[], max_length=20, description="Empty for all types")


class EndpointBody(BaseModel):
    """An endpoint. Its secret is not shown again."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    event_types: list[EventType]
    created_at: datetime
    previous_secret_until: datetime | None = Field(description="Until then the old secret signs too")
    throttled_until: datetime | None = Field(description="Nothing is sent before; the receiver asked for it")
    disabled_at: datetime | None = Field(description="Nothing is sent until it is enabled again")
    disabled_reason: str | None


class EndpointWithSecret(EndpointBody):
    """An endpoint with its new secret, shown this once."""

    secret: str = Field(description="whsec_ and 32 random bytes in base64, for a Standard Webhooks library")


class EndpointsPage(BaseModel):
    """Endpoints, newest first."""

    items: list[EndpointBody]
    next_cursor: UUID | None


class DispatchBody(BaseModel):
    """Where an event stands on its way to one endpoint."""

    model_config = ConfigDict(from_attributes=True)

    endpoint_id: UUID
    state: str = Field(description="pending, held (endpoint disabled), succeeded, abandoned")
    attempts: int = Field(description="Attempts along the present schedule")
    next_attempt_at: datetime


class EventBody(BaseModel):
    """What happened to a case."""

    id: UUID
    type: EventType
    case_id: UUID
    level: str
    happened_at: datetime
    dispatches: list[DispatchBody]


class EventsPage(BaseModel):
    """Events, newest first."""

    items: list[EventBody]
    next_cursor: UUID | None


class DeliveryBody(BaseModel):
    """One attempt to send one event to one endpoint, as it went."""

    id: UUID
    event_id: UUID
    endpoint_id: UUID
    attempt: int
    attempted_at: datetime
    response_status: int | None
    error: str | None = Field(description="The kind of error where no answer came")
    duration_ms: int


class DeliveriesPage(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryBody]
    next_cursor: UUID | None
