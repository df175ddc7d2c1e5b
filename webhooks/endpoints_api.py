"""Endpoints of a platform: add, list, read, rotate the secret, enable again, remove."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Dispatch, Endpoint, Platform
from web.access import platform_id, scope
from web.problem import conflict, not_found
from web.services import services
from webhooks.blueprint import problem_responses, room_settings, webhooks_api
from webhooks.endpoint_url import check_endpoint_url
from webhooks.paging import page_of
from webhooks.schemas import (
    EndpointBody,
    EndpointPath,
    EndpointsPage,
    EndpointWithSecret,
    NewEndpoint,
    PageQuery,
)
from webhooks.signature import new_secret


@webhooks_api.post("/endpoints", responses={201: EndpointWithSecret, **problem_responses(400, 409, 422)})
@scope("webhooks:manage")
def add_endpoint(body: NewEndpoint) -> tuple[dict[str, Any], int]:
    """Add an endpoint

    Its secret is shown in this answer and never again. Events from now on are sent to it.
    """
    settings = room_settings()
    check_endpoint_url(body.url, allow_private=settings.webhooks_allow_private_addresses)
    with services().sessions.begin() as session:
        # Two at the same time must not pass the limit together.
        session.execute(
            select(Platform.id).where(Platform.id == platform_id()).with_for_update(key_share=True)
        )
        existing = session.scalar(select(func.count()).where(Endpoint.platform_id == platform_id())) or 0
        if existing >= settings.webhooks_max_endpoints:
            raise conflict(f"There are {existing} endpoints, which is the most. Remove one first.")
        endpoint = Endpoint(
            platform_id=platform_id(),
            url=body.url,
            secret=new_secret(),
            event_types=sorted(set(body.event_types)),
        )
        session.add(endpoint)
    return _with_secret(endpoint), 201


@webhooks_api.get("/endpoints", responses={200: EndpointsPage, **problem_responses(422)})
@scope("webhooks:manage")
def list_endpoints(query: PageQuery) -> dict[str, Any]:
    """List endpoints, disabled ones with the reason too"""
    chosen = select(Endpoint).where(Endpoint.platform_id == platform_id())
    with services().sessions() as session:
        found, next_cursor = page_of(session, chosen, Endpoint.id, query)
    items = [EndpointBody.model_validate(endpoint) for endpoint in found]
    return EndpointsPage(items=items, next_cursor=next_cursor).model_dump(mode="json")


@webhooks_api.get("/endpoints/<uuid:endpoint_id>", responses={200: EndpointBody, **problem_responses(404)})
@scope("webhooks:manage")
def read_endpoint(path: EndpointPath) -> dict[str, Any]:
    """Read an endpoint"""
    with services().sessions() as session:
        return EndpointBody.model_validate(own_endpoint(session, path.endpoint_id)).model_dump(mode="json")


@webhooks_api.delete(
    "/endpoints/<uuid:endpoint_id>", responses={204: {"description": "Removed"}, **problem_responses(404)}
)
@scope("webhooks:manage")
def remove_endpoint(path: EndpointPath) -> tuple[str, int]:
    """Remove an endpoint, with what still waits for it and its deliveries"""
    with services().sessions.begin() as session:
        session.delete(own_endpoint(session, path.endpoint_id, lock=True))
    return "", 204


@webhooks_api.post(
    "/endpoints/<uuid:endpoint_id>/rotate", responses={200: EndpointWithSecret, **problem_responses(404)}
)
@scope("webhooks:manage")
def rotate_secret(path: EndpointPath) -> dict[str, Any]:
    """Replace the secret

    Messages are signed with the new and the old secret until `previous_secret_until`, then with the new
    one only.
    """
    with services().sessions.begin() as session:
        endpoint = own_endpoint(session, path.endpoint_id, lock=True)
        endpoint.previous_secret = endpoint.secret
        endpoint.previous_secret_until = now() + timedelta(seconds=room_settings().webhooks_rotation_s)
        endpoint.secret = new_secret()
    return _with_secret(endpoint)


@webhooks_api.post(
    "/endpoints/<uuid:endpoint_id>/enable", responses={200: EndpointBody, **problem_responses(404)}
)
@scope("webhooks:manage")
def enable_endpoint(path: EndpointPath) -> dict[str, Any]:
    """Enable an endpoint that was disabled

    What was held meanwhile is sent now, by a fresh schedule. What was abandoned can be replayed.
    """
    with services().sessions.begin() as session:
        endpoint = own_endpoint(session, path.endpoint_id, lock=True)
        endpoint.disabled_at = endpoint.disabled_reason = endpoint.throttled_until = None
        session.execute(
            update(Dispatch)
            .where(Dispatch.endpoint_id == endpoint.id, Dispatch.state == "held")
            .values(state="pending", attempts=0, next_attempt_at=now())
        )
    services().wake_deliveries()
    return EndpointBody.model_validate(endpoint).model_dump(mode="json")


def own_endpoint(session: Session, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    """The platform's endpoint, its row held where `lock` is set. Raises Problem (404)."""
    query = select(Endpoint).where(Endpoint.id == endpoint_id, Endpoint.platform_id == platform_id())
    endpoint = session.scalar(query.with_for_update() if lock else query)
    if endpoint is None:
        raise not_found("No endpoint")
    return endpoint


def _with_secret(endpoint: Endpoint) -> dict[str, Any]:
    return EndpointWithSecret.model_validate(endpoint).model_dump(mode="json")
