from collections.abc import Iterable

import numpy as np

from edge.domain.gallery import Gallery
from edge.domain.person import Person, Reference
from edge.domain.score import Metric
from edge.gallery_sync import GallerySync


class Shelf:
    """References of one model, and how often each question was asked."""

    def __init__(self) -> None:
        self.there: dict[str, Reference] = {}
        self.changes = 0
        self.asked: list[str] = []

    def put(self, names: Iterable[str]) -> None:
        rng = np.random.default_rng(len(self.there))
        for name in names:
            self.there[name] = Reference(name, f"p{name}", "m", rng.normal(size=4).astype(np.float32))
        self.changes += 1

    def take(self, names: Iterable[str]) -> None:
        for name in names:
            del self.there[name]
        self.changes += 1

    def generation(self) -> int:
        return self.changes

    def people(self) -> list[Person]:
        raise NotImplementedError

    def references(self, model_version: str, *, known: frozenset[str] = frozenset()) -> list[Reference]:
        self.asked.append("references")
        assert model_version == "m"
        return [one for name, one in self.there.items() if name not in known]

    def reference_ids(self, model_version: str) -> frozenset[str]:
        self.asked.append("ids")
        assert model_version == "m"
        return frozenset(self.there)


def names(gallery: Gallery) -> set[str]:
    snapshot = gallery.snapshot
    return {
        block.names[column]
        for block, width in zip(snapshot.blocks, snapshot.widths, strict=True)
        for column in range(width)
        if block.has(column)
    }


def test_the_gallery_follows_what_is_stored_and_asks_for_no_more_than_it_needs() -> None:
    shelf, gallery = Shelf(), Gallery(Metric.EUCLIDEAN, 4)
    sync = GallerySync(shelf, gallery, "m")
    shelf.put("abc")
    assert sync.refresh()
    assert names(gallery) == set("abc")
    shelf.put("d")
    assert sync.refresh()
    assert names(gallery) == set("abcd")
    shelf.take("ac")
    shelf.asked.clear()
    assert sync.refresh()
    assert shelf.asked == ["ids"]
    assert names(gallery) == set("bd")
    shelf.put("a")
    shelf.take("b")
    assert sync.refresh()
    assert names(gallery) == set("ad")
    shelf.changes += 1  # somebody's name was changed
    assert sync.refresh()
    assert names(gallery) == set("ad")


def test_where_nothing_changed_nothing_is_asked_and_the_gallery_is_tidied() -> None:
    shelf, gallery = Shelf(), Gallery(Metric.EUCLIDEAN, 4, block=64)
    sync = GallerySync(shelf, gallery, "m")
    shelf.put(str(number) for number in range(100))
    sync.refresh()
    shelf.take(str(number) for number in range(40))
    sync.refresh()
    assert sum(gallery.snapshot.widths) == 100
    shelf.asked.clear()
    for _ in range(10):
        assert not sync.refresh()
    assert shelf.asked == []
    assert sum(gallery.snapshot.widths) == 60
    assert names(gallery) == set(shelf.there)
