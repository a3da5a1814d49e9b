"""How many cores OpenCV may use."""

import cv2


def use_threads(count: int) -> None:
    """Let OpenCV work on at most `count` cores, in the whole process.

    By itself it takes all of them. For pictures of a camera's size handing the parts out costs about as much
    as the work, a fifth of all the CPU time of the vision child, and gains next to nothing.
    """
    cv2.setNumThreads(count)
