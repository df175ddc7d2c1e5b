"""Running heads and the body's type, learned from the whole book."""

import re
from collections import Counter
from collections.abc import Iterable

from training.textbooks.records import Line, Page

_MARGIN = 0.1  # part of the page's height in which heads and feet stand
_REPEATS = 3


class Habits:
    """What the book does on every page."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self._heads: Counter[str] = Counter()
        sizes: Counter[float] = Counter()
        for page in pages:
            self._heads.update({_key(line.text) for line in page.lines if _in_margin(line, page)})
            if page.lines:
                sizes.update({line.size: len(line.text) for line in page.lines})
        self.body_size = sizes.most_common(1)[0][0] if sizes else 10.0

    def body_of(self, page: Page) -> list[Line]:
        """The page's lines without running heads, feet and page numbers."""
        return [line for line in page.lines if not (_in_margin(line, page) and self._is_head(line))]

    def _is_head(self, line: Line) -> bool:
        return self._heads[_key(line.text)] >= _REPEATS or bool(
            re.fullmatch(r"[\divxlc.\- ]{1,8}", line.text)
        )


def _in_margin(line: Line, page: Page) -> bool:
    return line.box.y1 < _MARGIN * page.height or line.box.y0 > (1 - _MARGIN) * page.height


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower()).strip()[:60]
