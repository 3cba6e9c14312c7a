"""Cut the variable Inter into the files that pages load, and write the style sheet that names them.

    npm pack inter-ui@4.1.1 && tar xzf inter-ui-4.1.1.tgz
    pip install fonttools brotli                # into an environment for this alone
    python tests/lab/fonts.py package/variable/InterVariable.woff2

The weights stop where the style sheets do, and the optical size stays that of text. A browser asks
only for the files that have a letter of the page: as a rule for the first.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

STATIC = Path(__file__).resolve().parents[2] / "static"
AXES = {"wght": (400, 600), "opsz": 14}
FEATURES = ["kern", "ccmp", "locl", "mark", "mkmk", "calt", "liga", "case", "tnum"]

LATIN = "20-7E A0-FF 131 152-153 2C6 2DA 2DC 2010-2027 202F-203A 20AC 2122 2190-2193 21B5 2212 2318"
LATIN_EXTENDED = "100-24F 300-36F 1E00-1EFF 2C60-2C7F A720-A7FF"
CYRILLIC = "400-52F 1C80-1C8F 2DE0-2DFF A640-A69F"
GREEK = "370-3FF 1F00-1FFF"
PRIVATE_USE = "E000-F8FF"
EVERYTHING = "0-10FFFF"
# A character belongs to the first file whose range has it.
FILES = {
    "latin": LATIN,
    "latin-extended": LATIN_EXTENDED,
    "cyrillic": CYRILLIC,
    "greek": GREEK,
    "symbols": EVERYTHING,
}


def main(source: Path) -> None:
    left = set(TTFont(source).getBestCmap()) - set(_characters(PRIVATE_USE))
    rules = ["/* Written by tests/lab/fonts.py, from what each file has. */"]
    for name, ranges in FILES.items():
        characters = left & set(_characters(ranges))
        left -= characters
        _cut(source, characters, STATIC / "fonts" / f"inter-{name}.woff2")
        rules.append(_rule(name, characters))
    (STATIC / "css/fonts.css").write_text("\n\n".join(rules) + "\n")


def _characters(ranges: str) -> Iterator[int]:
    for each in ranges.split():
        first, _dash, last = each.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _cut(source: Path, characters: set[int], target: Path) -> None:
    options = Options()
    options.layout_features = FEATURES
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    font = TTFont(source)
    font.flavor = None
    subsetter.subset(font)
    whole = io.BytesIO()
    font.save(whole)
    cut = instantiateVariableFont(TTFont(whole), AXES)
    cut.flavor = "woff2"
    cut.save(target)


def _rule(name: str, characters: set[int]) -> str:
    return f"""@font-face {{
  font-family: Inter;
  font-weight: 400 600;
  font-display: swap;
  src: url("../fonts/inter-{name}.woff2") format("woff2");
  unicode-range: {", ".join(_ranges(characters))};
}}"""


def _ranges(characters: set[int]) -> Iterator[str]:
    for first in sorted(c for c in characters if c - 1 not in characters):
        last = first
        while last + 1 in characters:
            last += 1
        yield f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
