"""Decodes the binary frames that Heron 400 loggers send over MQTT.

A frame is: magic 0x54 0x57, version, flags, sequence number (u16), time (u32, seconds since 2000-01-01 UTC), count of
values (u8), then the values, then a CRC. All numbers are little-endian, unlike in the old Heron 150, whose frames were
big-endian and are not supported here.
"""

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

MAGIC = b"TW"
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.utc)
HEADER = struct.Struct("<2sBBHIB")

FLAG_BACKLOG = 0x01   # sent late, from memory
FLAG_SURVIVAL = 0x02  # taken in survival mode, the wiper was off
FLAG_CALIBRATING = 0x04  # taken during a calibration; never shown in charts


class FrameError(ValueError):
    """The bytes are no frame; `park` says whether an operator should look at them."""

    def __init__(self, reason: str, park: bool) -> None:
        super().__init__(reason)
        self.park = park


@dataclass(frozen=True)
class Value:
    channel: int
    raw: int
    quality: str


@dataclass(frozen=True)
class Frame:
    sequence: int
    taken_at: datetime
    backlog: bool
    survival: bool
    values: tuple[Value, ...]


def crc16(data: bytes) -> int:
    """CRC-16/CCITT with start value 0xFFFF. The bootloader uses 0x1D0F; do not mix them up."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc


def decode(data: bytes) -> Frame:
    if len(data) < HEADER.size + 2:
        raise FrameError(f"{len(data)} bytes are too few for a frame", park=False)
    magic, version, flags, sequence, seconds, count = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FrameError(f"magic is {magic!r}", park=False)
    if version not in (1, 2):
        # Version 3 is reserved for compressed frames, which no released firmware sends.
        raise FrameError(f"version {version} is unknown", park=True)
    body, (crc,) = data[:-2], struct.unpack("<H", data[-2:])
    if crc16(body) != crc:
        raise FrameError("the CRC does not match", park=False)
    size = 5 if version == 2 else 3
    if len(body) != HEADER.size + count * size:
        raise FrameError(f"{count} values announced, {len(body) - HEADER.size} bytes there", park=True)
    values = []
    for offset in range(HEADER.size, len(body), size):
        if version == 2:
            channel, raw = struct.unpack_from("<Bi", body, offset)
        else:
            channel, raw = struct.unpack_from("<Bh", body, offset)
        # The lowest number of the type means that the head did not answer.
        missing = raw == (-(2**31) if version == 2 else -(2**15))
        values.append(Value(channel & 0x3F, 0 if missing else raw, "missing" if missing else quality(channel)))
    return Frame(
        sequence=sequence,
        taken_at=EPOCH + timedelta(seconds=seconds),
        backlog=bool(flags & FLAG_BACKLOG),
        survival=bool(flags & FLAG_SURVIVAL),
        values=tuple(values),
    )


def quality(channel: int) -> str:
    """The two highest bits of the channel byte carry the quality."""
    return ("good", "suspect", "bad", "missing")[channel >> 6]
