"""The contexts of decision points: what a request says of the moment, checked against what the model reads."""

from collections.abc import Sequence
from typing import Any

from app.http.errors import ApiError, Problem, invalid
from app.http.words import meant
from app.model.served import ServedModel


def contexts(model: ServedModel, asked: Sequence[Any], places: Sequence[int | None]) -> list[dict[str, str | None]]:
    """The level of every context of `model`, by column, for each of `asked`, which have `context`.

    What is left out is null. They are the request's rows `places`. Raises ApiError 422 for a name that the model does
    not read.
    """
    given = [one.context or {} for one in asked]
    unknown = [
        (n, name) for names, n in zip(given, places, strict=True) for name in names if name not in model.contexts
    ]
    if unknown:
        raise _refused(unknown, model)
    return [{column: names.get(name) for name, column in model.contexts.items()} for names in given]


def _refused(unknown: Sequence[tuple[int | None, str]], model: ServedModel) -> ApiError:
    known = ", ".join(model.contexts) or "nothing: the model reads no context"
    error = invalid(Problem(place, f"context.{name[:200]}", "is not known", known) for place, name in unknown)
    for problem in error.details:
        problem.problem += meant((problem.field or "").removeprefix("context."), model.contexts)
    return error
