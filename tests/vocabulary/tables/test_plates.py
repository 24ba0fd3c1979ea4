"""Shapes of plates are written with A and 9."""

from allpoints.vocabulary.tables.plates import PLATE_SHAPES, shape_of


def test_a_shape_is_its_own_shape() -> None:
    assert all(shape_of(shape) == shape for shapes in PLATE_SHAPES.values() for shape in shapes)
    assert shape_of("京A12345") == "AA99999"
