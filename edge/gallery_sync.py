"""Keeps the gallery in memory like the one in the database, by what changed and never by a full reload."""

from edge.domain.gallery import Gallery
from edge.ports import References


class GallerySync:
    """Brings `gallery` up to date with the references of one model version.

    Used by one thread; searchers go on meanwhile with the snapshot they hold.
    """

    def __init__(self, references: References, gallery: Gallery, model_version: str) -> None:
        self._references = references
        self._gallery = gallery
        self._model_version = model_version
        self._known: frozenset[str] = frozenset()
        self.generation = -1

    def refresh(self) -> bool:
        """Apply what changed since the last call; return whether anything had changed.

        The generation is read before the references: a change in between is seen again by the next call
        rather than missed. Where nothing changed, the gallery is tidied a little. Raises StoreError.
        """
        generation = self._references.generation()
        if generation == self.generation:
            self._gallery.tidy()
            return False
        stored = self._references.reference_ids(self._model_version)
        gone = self._known - stored
        # reading those that are new asks for all ids once more, so not where there are none
        added = bool(stored - self._known)
        fresh = self._references.references(self._model_version, known=self._known) if added else []
        if gone:
            self._gallery.remove(gone)
        if fresh:
            self._gallery.add(fresh)
        self._known = (self._known - gone) | {reference.id for reference in fresh}
        self.generation = generation
        return True
