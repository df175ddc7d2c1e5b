"""The HTTP application: gives the rooms their services and registers their routes."""

from collections.abc import Callable
from typing import Any

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from db.image_store import ImageStore
from db.session import make_engine, make_sessions
from dermtriage.observability import health_api
from dermtriage.settings import Settings
from intake import cases_api
from review import pages as review_pages
from review import reviews_api
from surveillance import surveillance_api, surveillance_pages
from triage import load_diagnoses, load_policy
from web.access import public
from web.problem import ProblemDetails, from_validation
from web.services import Services, attach_services
from web.setup import csrf, set_up_web
from webhooks import webhooks_api

DESCRIPTION = (
    "A triage queue for skin cases in telemedicine. Research demonstration, not for clinical use: "
    "every AI result is preliminary until a clinician decides."
)
APIS = (cases_api, reviews_api, surveillance_api, webhooks_api, health_api)
PAGES = (review_pages, surveillance_pages)


def nothing() -> None:
    """The wake-up of an application without a broker: workers find the work by their own timer."""


def create_app(
    settings: Settings,
    *,
    wake_up: Callable[[], None] = nothing,
    wake_deliveries: Callable[[], None] = nothing,
) -> Flask:
    """An application on the database and image store that the settings name; opens no connection yet."""
    app = OpenAPI(
        "dermtriage",
        info=Info(title="dermtriage", version="1", description=DESCRIPTION),
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
        validation_error_model=ProblemDetails,
        validation_error_callback=lambda error: from_validation(error).response(),
        doc_prefix="/docs",
        doc_url="/openapi.json",
        static_folder=None,
    )
    app.config.update(
        SECRET_KEY=settings.front_door.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=settings.intake.max_request_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # the form of a long reading must still be accepted; the session ends it
    )
    attach_services(app, _services(settings, wake_up, wake_deliveries))
    set_up_web(app)
    for api in APIS:
        csrf.exempt(api)
        app.register_api(api)
    for pages in PAGES:
        app.register_blueprint(pages)
    _publish_description(app)
    return app


def _services(
    settings: Settings, wake_up: Callable[[], None], wake_deliveries: Callable[[], None]
) -> Services:
    engine = make_engine(settings.database.database_url, settings.database.database_pool_size)
    return Services(
        sessions=make_sessions(engine),
        images=ImageStore(settings.database.image_store_url),
        policy=load_policy(settings.front_door.policy_file),
        diagnoses=load_diagnoses(settings.front_door.diagnoses_file),
        wake_up=wake_up,
        wake_deliveries=wake_deliveries,
        room_settings={
            "intake": settings.intake,
            "review": settings.review,
            "surveillance": settings.surveillance,
            "webhooks": settings.webhooks,
            "worker": settings.worker,
            "observability": settings.observability,
            "web": settings.web,
        },
    )


def _publish_description(app: OpenAPI) -> None:
    """/openapi.json, and /docs for people; both are public and hold no data."""

    _describe_invalid_requests(app)

    @app.route("/openapi.json")
    @public
    def openapi_json() -> ResponseReturnValue:
        return app.api_doc

    @app.route("/")
    @public
    def home() -> ResponseReturnValue:
        return redirect("/review/home")

    for endpoint, view in list(app.view_functions.items()):
        if endpoint.startswith(("openapi.", "swagger.")):
            app.view_functions[endpoint] = _made_public(view)
    app.view_functions["openapi.openapi"] = _made_public(lambda: redirect("/docs/swagger"))


def _describe_invalid_requests(app: OpenAPI) -> None:
    """Where a room left the answer to invalid requests to the library, describe what is really sent."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    for operations in app.api_doc["paths"].values():
        for operation in operations.values():
            answer = operation["responses"].get("422", {})
            if "application/json" in answer.get("content", {}):
                answer["content"] = {"application/problem+json": schema}


def _made_public(view: Callable[..., Any]) -> Callable[..., Any]:
    def documented(**arguments: str) -> Any:
        return view(**arguments)

    return public(documented)
