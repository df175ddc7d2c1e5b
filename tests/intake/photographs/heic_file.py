"""Writes a small HEIC file, since nothing that the project installs can: raw samples in HEVC's PCM mode.

A grey picture of 64 x 64 pixels in 16 blocks. Sources: ITU-T H.265 (7.3 syntax, 9.3.4 arithmetic coding),
ISO/IEC 23008-12 (boxes). Only what that needs; the decoder under test is the judge.
"""

SIDE, BLOCK = 64, 16
# Table 9-46, the first states: one context is coded, always with its probable value, once a block.
LPS = (240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110, 104)


class Bits:
    """Bits written one after the other."""

    def __init__(self) -> None:
        self.bits: list[int] = []

    def u(self, value: int, count: int = 1) -> "Bits":
        self.bits += [value >> place & 1 for place in reversed(range(count))]
        return self

    def ue(self, *values: int) -> "Bits":
        for value in values:
            length = (value + 1).bit_length()
            self.u(0, length - 1).u(value + 1, length)
        return self

    def align(self) -> "Bits":
        return self.u(0, -len(self.bits) % 8)

    def trailing(self) -> "Bits":
        return self.u(1).align()

    def bytes(self) -> bytes:
        return int("".join(map(str, self.bits)), 2).to_bytes(len(self.bits) // 8, "big")


class Arithmetic:
    """The arithmetic encoder of 9.3.4 on top of bits."""

    def __init__(self, out: Bits) -> None:
        self.out, self.low, self.range, self.first, self.waiting = out, 0, 510, True, 0

    def probable(self, state: int) -> None:
        # The range is 508 or 510 here, so the last column of the table counts.
        self.range -= LPS[state]
        self._renorm()

    def terminate(self, ends: bool) -> None:
        self.range -= 2
        if not ends:
            self._renorm()
            return
        self.low += self.range
        self.range = 2
        self._renorm()
        self._put(self.low >> 9 & 1)
        self.out.u(self.low >> 7 & 3 | 1, 2).align()

    def _renorm(self) -> None:
        while self.range < 256:
            if self.low < 256:
                self._put(0)
            elif self.low >= 512:
                self.low -= 512
                self._put(1)
            else:
                self.low -= 256
                self.waiting += 1
            self.range, self.low = self.range << 1, self.low << 1

    def _put(self, bit: int) -> None:
        if not self.first:
            self.out.u(bit)
        self.first = False
        for _ in range(self.waiting):
            self.out.u(1 - bit)
        self.waiting = 0


def _profile(bits: Bits) -> Bits:
    return bits.u(1, 8).u(0x60000000, 32).u(0b1001, 4).u(0, 44).u(60, 8)


def _vps() -> bytes:
    bits = _profile(Bits().u(0, 4).u(3, 2).u(0, 9).u(1).u(0xFFFF, 16)).u(1).ue(0, 0, 0)
    return _nal(32, bits.u(0, 6).ue(0).u(0, 2).trailing())


def _sps() -> bytes:
    bits = _profile(Bits().u(0, 7).u(1)).ue(0, 1, SIDE, SIDE).u(0).ue(0, 0, 0).u(1).ue(0, 0, 0)
    bits.ue(1, 0, 0, 2, 0, 0).u(0, 3).u(1).u(7, 4).u(7, 4).ue(1, 0).u(1)
    return _nal(33, bits.ue(0).u(0, 5).trailing())


def _pps() -> bytes:
    bits = Bits().ue(0, 0).u(0, 7).ue(0, 0, 0).u(0, 3).ue(0, 0).u(0, 7)
    return _nal(34, bits.u(1).u(0).u(1).u(0, 2).ue(0).u(0, 2).trailing())


def _slice(grey: list[list[int]]) -> bytes:
    bits = Bits().u(1).u(0).ue(0, 2, 0).trailing()
    places = [(top, left) for top in range(0, SIDE, BLOCK) for left in range(0, SIDE, BLOCK)]
    coder = Arithmetic(bits)
    for number, (top, left) in enumerate(places):
        coder.probable(state=number)
        coder.terminate(True)
        for row in grey[top : top + BLOCK]:
            for value in row[left : left + BLOCK]:
                bits.u(value, 8)
        for _ in range(BLOCK * BLOCK // 2):
            bits.u(128, 8)
        coder = Arithmetic(bits)
        coder.terminate(number == len(places) - 1)
    return _nal(20, bits)


def _nal(kind: int, bits: Bits) -> bytes:
    out, zeros = bytearray((kind << 1, 1)), 0
    for byte in bits.bytes():
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4, "big") + name + body


def _full(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(name, bytes((version,)) + flags.to_bytes(3, "big"), *parts)


def _hvcc() -> bytes:
    head = bytes((1, 1)) + b"\x60\x00\x00\x00" + b"\x90" + b"\x00" * 5
    head += bytes((60, 0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 3))
    for nal in (_vps(), _sps(), _pps()):
        head += bytes((0x80 | nal[0] >> 1, 0, 1)) + len(nal).to_bytes(2, "big") + nal
    return _box(b"hvcC", head)


def heic_file(grey: list[list[int]], exif: bytes = b"", quarter_turns: int = 0) -> bytes:
    """The picture as HEIC with an EXIF item; `quarter_turns` (against the clock) turn it when it is shown."""
    coded = _slice(grey)
    picture = len(coded).to_bytes(4, "big") + coded
    described = (6).to_bytes(4, "big") + b"Exif\x00\x00" + exif
    ftyp = _box(b"ftyp", b"heic", b"\x00" * 4, b"mif1heic")

    def meta(start: int) -> bytes:
        items = [(1, b"hvc1", start, len(picture)), (2, b"Exif", start + len(picture), len(described))]
        iloc = b"\x44\x00" + len(items).to_bytes(2, "big")
        infes = []
        for number, kind, offset, length in items:
            place = offset.to_bytes(4, "big") + length.to_bytes(4, "big")
            iloc += number.to_bytes(2, "big") + b"\x00\x00\x00\x01" + place
            infes.append(_full(b"infe", number.to_bytes(2, "big"), b"\x00\x00", kind, b"\x00", version=2))
        ispe = _full(b"ispe", SIDE.to_bytes(4, "big") * 2)
        ipco = _box(b"ipco", _hvcc(), ispe, _box(b"irot", bytes((quarter_turns,))))
        ipma = _full(b"ipma", b"\x00\x00\x00\x01\x00\x01\x03\x81\x02\x83")
        return _full(
            b"meta",
            _full(b"hdlr", b"\x00" * 4, b"pict", b"\x00" * 13),
            _full(b"pitm", b"\x00\x01"),
            _full(b"iloc", iloc),
            _full(b"iinf", len(items).to_bytes(2, "big"), *infes),
            _full(b"iref", _box(b"cdsc", b"\x00\x02\x00\x01\x00\x01")),
            _box(b"iprp", ipco, ipma),
        )

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + _box(b"mdat", picture, described)
