from collections.abc import Callable

import pytest

Problems = Callable[..., list[str]]

ONE_PROBLEM = {
    "unknown key": (
        "[camera]\n\nwidht = 3\n",
        'edge.toml:3: camera.widht: no such key in [camera]; did you mean "width"?',
    ),
    "unknown key without a likeness": (
        "[log]\nxyzzy = 3\n",
        "edge.toml:2: log.xyzzy: no such key in [log]; known are level, format",
    ),
    "key of another table": (
        "[door]\npulse_seconds = 2.5\nmax_fpir = 0.01\n",
        "edge.toml:3: door.max_fpir: no such key in [door]; it belongs to [access]",
    ),
    "unknown table": (
        "# first\n[recogniton]\nmargin = 0.1\n",
        "edge.toml:2: recogniton: no such table; did you mean [recognition]?",
    ),
    "unknown table without a likeness": (
        "[zzz]\n",
        (
            "edge.toml:1: zzz: no such table; known are [device], [storage], [camera], [vision], "
            "[recognition], [quality], [enrolment], [access], [door], [inputs], "
            "[indicators], [attendance], [mqtt], [alerts], "
            "[web], [kiosk], [thermal], [log]"
        ),
    ),
    "key outside of its table": (
        "\nrate = 3\n",
        "edge.toml:2: rate: it stands outside its table; write it under [camera]",
    ),
    "table that is a value": (
        "camera = 3\n",
        "edge.toml:1: camera: it is a table of keys, not 3; write [camera] on a line of its own",
    ),
    "table that is a list": (
        "[[camera]]\n",
        "edge.toml:1: camera: it is a table of keys, not [{}]; write [camera] on a line of its own",
    ),
    "text for a number": (
        '[camera]\nrate = "fast"\n',
        'edge.toml:2: camera.rate: it takes a number from 0.1 to 120, not "fast"; the default is 15.0',
    ),
    "truth value for a number": (
        "[camera]\nwidth = true\n",
        "edge.toml:2: camera.width: it takes a whole number from 160 to 7680, not true; the default is 640",
    ),
    "fraction for a whole number": (
        "[camera]\nwidth = 640.0\n",
        "edge.toml:2: camera.width: it takes a whole number from 160 to 7680, not 640.0; the default is 640",
    ),
    "number for a text": (
        "[storage]\ndata_dir = 3\n",
        (
            "edge.toml:2: storage.data_dir: it takes text in quotes of at most 1024 characters, not 3; "
            'the default is ""'
        ),
    ),
    "text for a truth value": (
        '[camera]\nmirror = "yes"\n',
        'edge.toml:2: camera.mirror: it takes true or false, not "yes"; the default is false',
    ),
    "date": (
        "[camera]\nheight = 2024-01-01\n",
        (
            'edge.toml:2: camera.height: it takes a whole number from 120 to 4320, not "2024-01-01"; '
            "the default is 480"
        ),
    ),
    "out of range": (
        "[door]\npulse_seconds = 61\n",
        "edge.toml:2: door.pulse_seconds: it takes a number from 1 to 60, not 61; the default is 5.0",
    ),
    "open range": (
        "[recognition]\nthreshold_percent = 100\n",
        (
            "edge.toml:2: recognition.threshold_percent: it takes a number over 0 under 100, not 100; "
            "correct or remove it"
        ),
    ),
    "not a number": (
        "[access]\nmax_fpir = nan\n",
        "edge.toml:2: access.max_fpir: it takes a number over 0 up to 1, not nan; the default is 0.01",
    ),
    "unknown choice": (
        '[door]\nlock_type = "open"\n',
        (
            'edge.toml:2: door.lock_type: it takes one of "fail-secure", "fail-safe", not "open"; '
            'the default is "fail-secure"'
        ),
    ),
    "false, which Python takes for 0": (
        "[camera]\nrotate = false\n",
        "edge.toml:2: camera.rotate: false: it must be a whole number; write 0, 90, 180 or 270",
    ),
    "angle that is none": (
        "[camera]\nrotate = 45\n",
        "edge.toml:2: camera.rotate: it takes one of 0, 90, 180, 270, not 45; the default is 0",
    ),
    "name that is no slug": (
        '[device]\nname = "Front Door"\n',
        (
            "edge.toml:2: device.name: it takes text of small letters, digits and inner hyphens, as in "
            '"north-gate", not "Front Door"; the default is "terminal"'
        ),
    ),
    "unknown time zone": (
        '[device]\ntimezone = "Mars/Olympus"\n',
        (
            'edge.toml:2: device.timezone: "Mars/Olympus": this machine knows no such time zone; '
            'write one as in "Asia/Tokyo", or "" for the system\'s own'
        ),
    ),
    "time zone that is a path": (
        '[device]\ntimezone = "/etc/passwd"\n',
        (
            'edge.toml:2: device.timezone: "/etc/passwd": this machine knows no such time zone; '
            'write one as in "Asia/Tokyo", or "" for the system\'s own'
        ),
    ),
    "time zone that is a folder": (
        '[device]\ntimezone = "Asia"\n',
        (
            'edge.toml:2: device.timezone: "Asia": this machine knows no such time zone; '
            'write one as in "Asia/Tokyo", or "" for the system\'s own'
        ),
    ),
    "unknown source, its password unsaid": (
        '[camera]\nsource = "http://me:secret@cam/1"\n',
        (
            'edge.toml:2: camera.source: "http://***@cam/1": no such kind of source; '
            "write /dev/v4l/by-id/…, /dev/video0, a device number, rtsp://…, pipe:COMMAND or replay:PATH"
        ),
    ),
    "address with a raw slash in its password, unsaid": (
        '[camera]\nsource = "rtsp://me:se/cret@cam/1"\n',
        (
            'edge.toml:2: camera.source: "rtsp://***@cam/1": no address of a stream; '
            "write rtsp://USER:PASSWORD@HOST:554/PATH, special characters as %XX"
        ),
    ),
    "command with an open quotation, its arguments unsaid": (
        '[camera]\nsource = "pipe:play --password \'secret"\n',
        ('edge.toml:2: camera.source: "pipe:play …": a quotation in it is not closed; write its other end'),
    ),
    "format of what is not piped": (
        '[camera]\nsource = "rtsp://cam/1"\npipe_format = "nv12"\n',
        ('edge.toml:3: camera.pipe_format: only a command writes it; set source = "pipe:…" or remove it'),
    ),
    "raw frames of no size": (
        '[camera]\nsource = "pipe:cat"\npipe_format = "nv12"\nwidth = 640\n',
        ("edge.toml:3: camera.pipe_format: raw frames do not say their size; set width and height to it"),
    ),
    "raw frames of odd height": (
        '[camera]\nsource = "pipe:cat"\npipe_format = "gray"\nwidth = 640\nheight = 361\n',
        (
            "edge.toml:5: camera.height: a side of raw frames has to be even; "
            "let the command write such a size"
        ),
    ),
    "zone that is none": (
        '[camera]\nzone = "0.5 0 0.5 1"\n',
        (
            'edge.toml:2: camera.zone: "0.5 0 0.5 1": no such zone; write one of whole, top-left, top-right, '
            "bottom-left, bottom-right, centre, or left, top, right and bottom as fractions of the frame, "
            'as in "0.2 0 0.8 1"'
        ),
    ),
    "control character": (
        '[storage]\ndata_dir = "a\\u0000b"\n',
        'edge.toml:2: storage.data_dir: "a\\u0000b": it holds a control character; remove it',
    ),
    "two thresholds": (
        "[recognition]\nthreshold_score = 0.4\nthreshold_percent = 99.0\n",
        "edge.toml:2: recognition.threshold_score: threshold_percent is set as well; keep one of the two",
    ),
    "line beyond a header": (
        '[door]\nrelay = "gpio"\npin = 28\n',
        "edge.toml:3: door.pin: a board's header ends at 27; set chip to the number of the chip",
    ),
    "pulse over its cap": (
        "[door]\nlongest_seconds = 4\n",
        (
            "edge.toml:2: door.longest_seconds: pulse_seconds is 5 and longest_seconds 4; "
            "the first may not be the larger"
        ),
    ),
    "warning before the door can be open": (
        "[door]\nwarning_seconds = 31\n",
        (
            "edge.toml:2: door.warning_seconds: warning_seconds is 31 and held_seconds 30; "
            "the first may not be the larger"
        ),
    ),
    "contact that nothing reads": (
        "[inputs]\nexit_pin = 5\n",
        'edge.toml:2: inputs.exit_pin: nothing reads it; set driver = "gpio" or remove it',
    ),
    "contacts without a line": (
        '[inputs]\ndriver = "gpio"\n',
        (
            'edge.toml:2: inputs.driver: "gpio" needs a line; set one of contact_pin, exit_pin, fire_pin, '
            "tamper_pin"
        ),
    ),
    "two contacts on one line": (
        '[inputs]\ndriver = "gpio"\nexit_pin = 5\nfire_pin = 5\n',
        "edge.toml:4: inputs.fire_pin: line 5 is named twice; give each its own",
    ),
    "lamp that nothing drives": (
        '[indicators]\ndriver = "recording"\nred_pin = 5\n',
        'edge.toml:3: indicators.red_pin: nothing drives it; set driver = "gpio" or remove it',
    ),
    "a door within one area": (
        '[access]\nouter_area = "inside"\n',
        "edge.toml:2: access.outer_area: a door leads from one area to another; give them two names",
    ),
    "an escort of nobody": (
        "[access]\nescort = true\n",
        "edge.toml:2: access.escort: it is for the rule of two; set two_person_seconds as well",
    ),
    "relay on no pin": (
        '[door]\nrelay = "gpio"\n',
        'edge.toml:2: door.relay: a "gpio" relay needs a pin; write pin = the BCM number of its line',
    ),
    "empty range of brightness": (
        "[quality]\nmin_brightness = 230\n",
        (
            "edge.toml:2: quality.min_brightness: nothing is both over 230 and under 220; "
            "make min_brightness the smaller"
        ),
    ),
    "empty range of brightness at enrolment": (
        "[enrolment]\nmax_brightness = 10\n",
        (
            "edge.toml:2: enrolment.max_brightness: nothing is both over 40 and under 10; "
            "make min_brightness the smaller"
        ),
    ),
    "key of quotes and line ends": (
        '[log]\n"a\\nb" = 1\n',
        'edge.toml:1: log."a\\nb": no such key in [log]; known are level, format',
    ),
}


@pytest.mark.parametrize(("text", "problem"), ONE_PROBLEM.values(), ids=ONE_PROBLEM)
def test_a_wrong_file_names_line_key_fault_and_remedy(problems: Problems, text: str, problem: str) -> None:
    assert problems(text) == [problem]


SYNTAX = {
    "no value": (
        "[camera]\nrate = \n",
        "edge.toml:2: camera.rate: invalid value (column 8); correct the TOML syntax",
    ),
    "no equals sign": (
        "[camera]\nrate 15\n",
        "edge.toml:2: expected '=' after a key in a key/value pair (column 6); correct the TOML syntax",
    ),
    "no closing quote": (
        '[log]\nlevel = "info',
        "edge.toml:2: log.level: unterminated string; correct the TOML syntax",
    ),
    "key twice": (
        "[camera]\nrate = 3\nrate = 4\n",
        "edge.toml:3: camera.rate: it is written twice; keep one",
    ),
    "table twice": ("[camera]\n[log]\n[camera]\n", "edge.toml:3: camera: it is written twice; keep one"),
    "table over a key": ("log = 1\n[log]\n", "edge.toml:2: log: it is written twice; keep one"),
    "nothing of TOML": ("\n\n<xml/>\n", "edge.toml:3: invalid statement (column 1); correct the TOML syntax"),
    "no UTF-8": (
        "[device]\n# Büro\n".encode("latin-1"),
        "edge.toml:2: byte 0xfc is not UTF-8; save the file in that encoding",
    ),
    "a number without end": (
        f"[camera]\nrate = {'9' * 5000}\n",
        "edge.toml:1: it holds a value beyond all bounds; start from config/edge.toml",
    ),
    "arrays without end": (
        f"[camera]\nrate = {'[' * 20_000}\n",
        "edge.toml:1: it holds a value beyond all bounds; start from config/edge.toml",
    ),
}


@pytest.mark.parametrize(("text", "problem"), SYNTAX.values(), ids=SYNTAX)
def test_what_cannot_be_read_is_one_problem_alone(
    problems: Problems, text: str | bytes, problem: str
) -> None:
    assert problems(text) == [problem]


def test_all_problems_are_told_together_in_the_order_of_the_lines(problems: Problems) -> None:
    text = """\
rate = 3
[recognition]
threshold_percent = "x"
threshold_score = 0.4
[camera]
rate = 0
bogus = 1
[nonsense]
a = 1
[device]
name = ""
"""
    found = problems(text)
    assert [problem.split(": ")[0] for problem in found] == [
        f"edge.toml:{line}" for line in (1, 3, 4, 6, 7, 8, 11)
    ]


def test_a_long_value_is_not_repeated_in_full(problems: Problems) -> None:
    (problem,) = problems(f'[device]\nname = "{"x" * 5000}"\n')
    assert len(problem) < 300
    (problem,) = problems(f"[device]\n{'x' * 5000} = 1\n")
    assert len(problem) < 300
