"""`edgectl identify` and `edgectl compare`: who is in a picture, and are two pictures of one person."""

from contextlib import closing
from pathlib import Path

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("images", nargs=-1, required=True, metavar="IMAGE…")
@JSON
@click.pass_obj
def identify(invocation: Invocation, images: tuple[str, ...], as_json: bool) -> None:
    """Say of every face in the pictures who it is, or why it is nobody."""
    from edge.bootstrap.recognition import read_pictures, station
    from edge.bootstrap.storage import open_reader
    from edge.cli.identify_view import identify_json, show_identified

    pictures = read_pictures([Path(image) for image in images])
    with closing(open_reader(invocation.settings)) as reader:
        here = station(invocation.settings, reader.people)
    found = [
        (image, here.identifier.identify(picture))
        for image, (_, picture) in zip(images, pictures, strict=True)
    ]
    emit(identify_json(found, here), as_json, lambda out: show_identified(out, found, here))


@click.command()
@click.argument("first")
@click.argument("second")
@JSON
@click.pass_obj
def compare(invocation: Invocation, first: str, second: str, as_json: bool) -> None:
    """Compare the one face of a picture with the one face of another, without the gallery."""
    from edge.bootstrap.recognition import comparer, read_pictures
    from edge.cli.identify_view import comparison_json, show_comparison

    pictures = read_pictures([Path(first), Path(second)])
    here = comparer(invocation.settings)
    result = here.compare(pictures[0], pictures[1])
    emit(comparison_json(result), as_json, lambda out: show_comparison(out, result, here.scale))
