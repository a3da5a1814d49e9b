"""The usual loop of the `face_recognition` package over a film; run by the interpreter of `var/peers`.

Locations, encodings and comparison with everybody known, in every frame, with the package's defaults (HOG
detector, one upsampling, 68 points, tolerance 0.6). Arguments: FILM, then NAME=PHOTOGRAPH of each person.
Prints JSON.
"""

import json
import os
import sys
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")  # of pkg_resources, which the package's models need

import cv2  # noqa: E402
import dlib  # noqa: E402
import face_recognition  # type: ignore[import-not-found,unused-ignore]  # noqa: E402 - installed in var/peers only


def main() -> None:
    film, people = sys.argv[1], [one.split("=", 1) for one in sys.argv[2:]]
    names, known = [], []
    for name, photograph in people:
        found = face_recognition.face_encodings(face_recognition.load_image_file(photograph))
        if found:
            names.append(name)
            known.append(found[0])
    capture = cv2.VideoCapture(film)
    frames = faces = 0
    hits: dict[str, int] = {}
    before = os.times()
    while True:
        got, frame = capture.read()
        if not got:
            break
        frames += 1
        picture = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        for encoding in face_recognition.face_encodings(picture, face_recognition.face_locations(picture)):
            faces += 1
            for name, same in zip(names, face_recognition.compare_faces(known, encoding), strict=True):
                hits[name] = hits.get(name, 0) + bool(same)
    after = os.times()
    build = f"face_recognition {version('face-recognition')} on dlib-bin {dlib.__version__}"
    for key, name in (("USE_AVX_INSTRUCTIONS", "AVX"), ("DLIB_USE_BLAS", "BLAS"), ("DLIB_USE_CUDA", "CUDA")):
        build += f", {name} {'on' if getattr(dlib, key) else 'off'}"
    print(
        json.dumps(
            {
                "cpu": after.user + after.system - before.user - before.system,
                "frames": frames,
                "faces": faces,
                "hits": hits,
                "build": build,
            }
        )
    )


if __name__ == "__main__":
    main()
