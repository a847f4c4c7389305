"""The files of docs/hardening.md say what the page promises, and the page puts each of them in its place."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/kiosk"
PAGE = (ROOT / "docs/hardening.md").read_text()
# One word of a rule: a key, perhaps with a name in braces, an operator and a value in quotes.
WORD = re.compile(r'(?:ACTION|SUBSYSTEM|GOTO|LABEL|(?:ENV|ATTR)\{\w+\})(?:==|!=|=)"[^"]*"')
OPERATORS = {"ACTION": ("==",), "SUBSYSTEM": ("==", "!="), "GOTO": ("=",), "LABEL": ("=",)}


def lines_of(name: str) -> list[str]:
    text = (FOLDER / name).read_text().splitlines()
    return [line for line in text if line and not line.startswith("#")]


def follow(rules: list[str], device: dict[str, str]) -> dict[str, str]:
    """Return what the rules set for a device: udev's own way through them, for the words that ours use."""
    done: dict[str, str] = {}
    waits_for = ""
    for rule in rules:
        words = [re.fullmatch(r'([^=!]+)(==|!=|=)"(.*)"', word) for word in WORD.findall(rule)]
        parts = [(word[1], word[2], word[3]) for word in words if word]
        if waits_for:
            waits_for = "" if ("LABEL", "=", waits_for) in parts else waits_for
            continue
        tests = [(key, sign, value) for key, sign, value in parts if sign != "="]
        if all((device.get(key, "") in value.split("|")) == (sign == "==") for key, sign, value in tests):
            for key, sign, value in parts:
                if sign == "=" and key == "GOTO":
                    waits_for = value
                elif sign == "=" and key != "LABEL":
                    done[key] = value
    return done


def keyboard(**facts: str) -> dict[str, str]:
    plugged = {"ACTION": "add", "SUBSYSTEM": "input", "ENV{ID_INPUT_KEYBOARD}": "1"}
    return plugged | {f"ENV{{{name}}}": value for name, value in facts.items()}


def interface(kind: str, subclass: str = "00") -> dict[str, str]:
    plugged = {"ACTION": "add", "SUBSYSTEM": "usb", "ENV{DEVTYPE}": "usb_interface"}
    return plugged | {"ATTR{bInterfaceClass}": kind, "ATTR{bInterfaceSubClass}": subclass}


RULES = lines_of("71-numerek-kiosk.rules")
IGNORED, CUT_OFF = {"ENV{LIBINPUT_IGNORE_DEVICE}": "1"}, {"ATTR{authorized}": "0"}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_made_of_words_that_udev_knows(rule: str) -> None:
    assert ", ".join(WORD.findall(rule)) == rule


@pytest.mark.parametrize(
    ("device", "done"),
    [
        (keyboard(ID_BUS="usb", ID_VENDOR_ID="0c2e"), {}),
        (keyboard(ID_BUS="usb", ID_VENDOR_ID="05e0"), {}),
        (keyboard(ID_BUS="usb", ID_VENDOR_ID="046d"), IGNORED),
        (keyboard(ID_BUS="bluetooth", ID_VENDOR_ID="0c2e"), IGNORED),
        (keyboard(ID_BUS="i8042"), IGNORED),
        (keyboard(ID_BUS="usb", ID_VENDOR_ID="046d") | {"ACTION": "remove"}, {}),
        ({"ACTION": "add", "SUBSYSTEM": "input", "ENV{ID_INPUT_TOUCHSCREEN}": "1"}, {}),
        (interface("08", "06"), CUT_OFF),
        (interface("02", "06"), CUT_OFF),
        (interface("02", "02"), {}),
        (interface("e0", "01"), CUT_OFF),
        (interface("03"), {}),
        (interface("07", "01"), {}),
    ],
)
def test_scanners_printers_and_touch_are_heard_and_nothing_else(
    device: dict[str, str], done: dict[str, str]
) -> None:
    assert follow(RULES, device) == done


def test_no_key_reaches_the_kernel_and_no_console_is_there() -> None:
    assert "kernel.sysrq = 0" in lines_of("sysctl.conf")
    parser = configparser.ConfigParser()
    parser.read(FOLDER / "logind.conf")
    assert (parser["Login"]["NAutoVTs"], parser["Login"]["ReserveVT"]) == ("0", "0")
    assert {parser["Login"][key] for key in parser["Login"] if key.startswith("handle")} == {"ignore"}
    assert "ctrl-alt-del.target" in PAGE


def test_no_driver_takes_storage() -> None:
    assert {"install usb-storage /bin/false", "install uas /bin/false"} <= set(lines_of("modprobe.conf"))


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_the_page_puts_each_file_where_the_file_says(file: Path) -> None:
    placed = re.search(rf"^install -D -m 644 {re.escape(file.name)} (\S+)", PAGE, re.M)
    assert placed
    first = file.read_text().splitlines()[0]
    assert placed[1] in first or str(Path(placed[1]).parent) in first
