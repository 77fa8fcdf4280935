"""The codes of a categorical column's levels, as training gave them."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from willbuy.schema import OTHER, contexts

NAN = float("nan")


class Codes(dict[str | None | UnsetType, float]):
    """The code of each level of the column `name`; null, or one left out, has none.

    Of levels that training never saw a context makes one, OTHER; in any other column they have no code.
    """

    def __init__(self, name: str, levels: Sequence[str]):
        super().__init__({level: float(code) for code, level in enumerate(levels)})
        self._others = self[OTHER] if contexts([name]) else NAN
        self[None] = self[UNSET] = NAN

    def __missing__(self, level: str | None | UnsetType) -> float:
        return self._others
