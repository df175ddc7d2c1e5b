"""Puts what all rooms share on an application: access check, errors, CSRF, headers, the request log."""

import time
from pathlib import Path

import structlog
from flask import Blueprint, Flask, Response, g, request
from flask_babel import Babel, get_locale
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from web.access import caller_locale, check_access
from web.errors import register_error_handlers
from web.navigation import first_page, navigation
from web.page_cookie import replace_old_token
from web.services import services_of
from web.texts import as_kept, refusal_said, said

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
babel = Babel()
shared = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/web"
)

STRICT = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
# Swagger UI starts itself by an inline script; nothing of a patient is ever on that page.
DOCUMENTATION = STRICT + "; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"


def set_up_web(app: Flask) -> None:
    """Call once, before the rooms register their routes, on an application that has its services."""
    proxies = services_of(app).room_settings["web"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    csrf.init_app(app)
    babel.init_app(
        app,
        locale_selector=caller_locale,
        default_translation_directories=str(Path(__file__).parent / "translations"),
    )
    app.jinja_env.globals.update(get_locale=get_locale, navigation=navigation, first_page=first_page)
    app.jinja_env.filters.update(said=said, refusal_said=refusal_said, as_kept=as_kept)
    app.before_request(_start_clock)
    app.before_request(check_access)
    app.after_request(_set_headers)
    app.after_request(replace_old_token)
    app.after_request(_log_request)
    app.register_blueprint(shared)
    register_error_handlers(app)


def _start_clock() -> None:
    g.started = time.perf_counter()


def _set_headers(response: Response) -> Response:
    policy = DOCUMENTATION if request.path.startswith("/docs") else STRICT
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint and not request.endpoint.endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _log_request(response: Response) -> Response:
    # The route's pattern, not the address: what people type into addresses stays out of the log.
    log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 1) if "started" in g else None,
    )
    return response
