"""A YAML file as a validated object: what is wrong with it is said with the file, the key and the remedy."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from triage.policy_errors import PolicyError, explained
from triage.policy_yaml import read_yaml

Model = TypeVar("Model", bound=BaseModel)


def validated(source: Path, model: type[Model]) -> Model:
    """The file's one document as `model`. Raises `PolicyError`."""
    try:
        return model.model_validate(read_yaml(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise PolicyError(f"{source}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{source}: not a text file in UTF-8; save it as one") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{source}: not valid YAML; {error}") from error
    except ValidationError as error:
        raise PolicyError(f"{source}: {explained(error)}") from error
