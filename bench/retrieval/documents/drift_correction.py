"""Linear drift correction between two calibrations.

A head that read 2 % too low at the second calibration is assumed to have become wrong evenly since the first one. That is
a fiction, but a documented one; customers can preview it and undo it for 90 days.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sluice.records import Calibration, Record

# Beyond this the head was not drifting but broken, and a correction would only make up numbers.
LARGEST_CORRECTION = {"ph": 0.6, "oxygen": 0.12, "conductivity": 0.08, "turbidity": 0.25}

# pH is a logarithm, so its drift adds; the others multiply.
ADDITIVE = {"ph"}


class NotCorrectable(Exception):
    """The correction would be larger than a drift can be."""


def correct(records: Iterable[Record], before: Calibration, after: Calibration) -> Iterator[Record]:
    """Yields the records with corrected values; flags of `bad` and `missing` records stay as they are.

    Records outside of the two calibrations are not touched. Records taken in survival mode are corrected but keep the
    flag `suspect`, since a film may have grown while the wiper was off.
    """
    channel = before.channel
    deviation = after.deviation_before_adjustment
    if abs(deviation) > LARGEST_CORRECTION[channel]:
        raise NotCorrectable(f"{channel}: {deviation:+.3f} is more than {LARGEST_CORRECTION[channel]}")
    span = (after.at - before.at).total_seconds()
    for record in records:
        share = _share(record.at, before.at, span)
        if share is None or record.value is None:
            yield record
        elif channel in ADDITIVE:
            yield replace(record, value=record.value - share * deviation)
        else:
            yield replace(record, value=record.value / (1 + share * deviation))


def _share(at: datetime, start: datetime, span: float) -> float | None:
    share = (at - start).total_seconds() / span
    return share if 0 <= share <= 1 else None


def oxygen_salinity_factor(celsius: float, set_salinity: float, true_salinity: float) -> float:
    """What oxygen in mg/l must be multiplied by when the logger was set to the wrong salinity.

    Garcia and Gordon 1992, first terms only; good to 0.3 % between 0 and 30 degrees.
    """
    scaled = math.log((298.15 - celsius) / (273.15 + celsius))
    coefficient = -6.24523e-3 - 7.37614e-3 * scaled - 1.03410e-2 * scaled**2
    return math.exp(coefficient * (true_salinity - set_salinity))
