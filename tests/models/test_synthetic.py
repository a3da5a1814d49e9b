import numpy as np

from edge.models.synthetic import synthetic_crops


def test_the_same_seed_gives_the_same_pictures_and_another_one_others() -> None:
    first, again, other = (synthetic_crops(12, 40, 50, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_all_pictures_differ_and_have_the_size_asked_for() -> None:
    crops = synthetic_crops(24, 40, 50)
    assert {(crop.shape, crop.dtype.name, crop.flags.c_contiguous) for crop in crops} == {
        ((50, 40, 3), "uint8", True)
    }
    assert len({crop.tobytes() for crop in crops}) == 24


def test_black_and_white_are_among_them() -> None:
    means = [float(crop.mean()) for crop in synthetic_crops(24, 40, 50)]
    assert min(means) == 0
    assert max(means) == 255
