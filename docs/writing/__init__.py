"""The parts of the documentation that are written from the code: `make docs` brings them up to date."""

from writing import endpoints, features, formats, parameters


def written() -> dict[str, dict[str, str]]:
    """Page → name of the part → its text."""
    return {
        name: parts for module in (endpoints, features, formats, parameters) for name, parts in module.parts().items()
    }
