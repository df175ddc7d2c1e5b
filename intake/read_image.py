"""GET /v1/cases/{id}/images/{n}: a photograph, upright."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from db.models import Image
from intake.blueprint import cases_api, problem_responses
from web.access import platform_id, scope
from web.problem import not_found
from web.services import services
from web.upright import upright

# What the column of the number can hold; no photograph has a greater one.
LAST = 32_767
KINDS = ("image/jpeg", "image/png", "image/webp")
BINARY = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}


class ImagePath(BaseModel):
    """The address of a photograph."""

    case_id: UUID = Field(description="The id of the case")
    n: int = Field(description="The number of the photograph, from 0")


@cases_api.get(
    "/cases/<uuid:case_id>/images/<int:n>",
    responses={200: {"description": "The photograph", "content": BINARY}, **problem_responses(404)},
)
@scope("cases:read")
def read_image(path: ImagePath) -> Response:
    """Read a photograph

    As it was sent, without metadata and turned upright; HEIC comes as PNG. Not to be cached.
    """
    given = services()
    image = None
    if path.n <= LAST:
        with given.sessions() as session:
            image = session.scalar(
                select(Image).where(
                    Image.case_id == path.case_id,
                    Image.position == path.n,
                    Image.platform_id == platform_id(),
                )
            )
    if image is None:
        raise not_found("No photograph")
    data = upright(given.images.get(image.platform_id, image.sha256), image.orientation)
    headers = {"Cache-Control": "private, no-store"}
    return Response(data, content_type=image.content_type, headers=headers)
