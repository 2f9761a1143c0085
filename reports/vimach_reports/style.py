"""How a printed page of vimach looks: sizes in millimetres, type, lines, colours.

Nothing is scaled after export: a width of 170 mm is the text width of an A4 page, 82 mm one of its two columns.
"""

from collections.abc import Mapping
from typing import Any, Final

FULL_WIDTH: Final = 170.0  # mm
TALLEST: Final = 230.0  # mm
WITH_AN_ANSWER: Final = 195.0  # mm: leaves room on its page for a heading and a few lines
MM: Final = 1 / 25.4  # inches in a millimetre
POINT: Final = 25.4 / 72  # millimetres in a point

FONT: Final = "DejaVu Sans"  # holds every Vietnamese letter; others compose the tone marks from pieces and smudge them
SMALL, NORMAL, LARGE = 7.0, 8.0, 9.0  # pt
LINE: Final = 1.28  # line height, in units of the type size

THIN, MEDIUM, HEAVY, THICK = 0.5, 0.8, 1.2, 1.6  # pt

# Okabe and Ito's palette: distinct for every common colour vision.
BLUE, VERMILLION, BLACK = "#0072B2", "#D55E00", "#000000"
GREY: Final = "#595959"  # small print; 7 to 1 against white
FAINT: Final = "#B0B0B0"  # rules and ticks

# Tints of the blue for the 95, 80 and 50 % bands and a shade for the median: on white, each neighbour is at least 15 L*
# darker, so the bands survive a black and white printer.
FIRST_BANDS: Final = ("#B8D8E9", "#71B0D4", "#2787BE")
FIRST_MEDIAN: Final = "#00395A"
LOSS: Final = "#973F00"  # the vermillion, darker: 15 L* from the shades of blue on either side
FIRST, SECOND = BLUE, VERMILLION
COLOURS: Final = {"first": FIRST, "second": SECOND}  # by series of vimach.analysis.compare
SECOND_DASHES: Final = (0, (4.5, 1.6))
SECOND_LIMITS: Final = (0, (2.0, 1.4))

PARAMETERS: Final[Mapping[Any, Any]] = {
    "font.family": [FONT],
    "font.size": SMALL,
    "axes.labelsize": SMALL,
    "axes.titlesize": NORMAL,
    "axes.linewidth": THIN,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.width": THIN,
    "ytick.major.width": THIN,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "lines.linewidth": MEDIUM,
    "lines.solid_capstyle": "butt",
    "hatch.linewidth": THIN,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
    "pdf.fonttype": 42,  # TrueType, never Type 3
    "pdf.compression": 6,
    "svg.fonttype": "path",  # letters as outlines: the same picture where DejaVu Sans is not installed
    "svg.hashsalt": "vimach",
    "text.usetex": False,
    "mathtext.default": "regular",
    "text.parse_math": False,
    "path.simplify": False,
}
