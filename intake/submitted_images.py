"""From the files of a form to photographs that may be stored, or a problem that names the file."""

from intake.limits import limits
from intake.photographs import Photograph, Refused, read_photograph
from web.problem import FieldError, invalid


def read_images(files: list[bytes]) -> list[Photograph]:
    """Every file as a photograph, in the order of the form. Raises Problem (422) and names each wrong one."""
    bounds = limits()
    if not 1 <= len(files) <= bounds.max_images:
        remedy = f"Send 1 to {bounds.max_images} photographs in the field images."
        error = FieldError(field="images", detail=f"{len(files)} photographs were sent.", remedy=remedy)
        raise invalid(remedy, [error])
    photographs: list[Photograph] = []
    errors: list[FieldError] = []
    for number, data in enumerate(files):
        try:
            photographs.append(read_photograph(data, bounds.max_image_pixels))
        except Refused as refused:
            field = f"images[{number}]"
            errors.append(FieldError(field=field, detail=refused.detail, remedy=refused.remedy))
    if errors:
        raise invalid("Please correct: " + ", ".join(error.field for error in errors), errors)
    return photographs
