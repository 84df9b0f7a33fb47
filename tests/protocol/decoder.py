"""A decoder of Lenke's device protocol, written from docs/protocol.md and nothing else.

It shares no line with the Rust crate: what both read alike is what the document says.
"""

import hashlib
import hmac
import io

import cbor2
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

FRAME_BYTES_MAX = 1400
REPORT_BYTES_MAX = 1360
TIME_MS_MAX = 253402300799999
UP, DOWN = 0, 1

FRAME_HEAD = bytes.fromhex("d08344a101181ea10648")


class Refused(Exception):
    """The bytes break a rule of the document."""


def need(condition, what):
    if not condition:
        raise Refused(what)


# ---- frame -----------------------------------------------------------------------------------------------------------


def nonce(direction, epoch, seq):
    return bytes([direction, 0, 0, 0, 0]) + epoch.to_bytes(4, "big") + seq.to_bytes(4, "big")


def additional_data(device, direction):
    external = device.to_bytes(8, "big") + bytes([direction])
    return cbor2.dumps(["Encrypt0", bytes.fromhex("a101181e"), external])


def open_frame(frame, key, device, direction):
    """(epoch, seq, inner bytes) of a sealed frame."""
    need(len(frame) <= FRAME_BYTES_MAX, "longer than any frame")
    need(frame.startswith(FRAME_HEAD), "not a frame in the fixed form")
    need(len(frame) >= 19, "cut short")
    epoch, seq = int.from_bytes(frame[10:14], "big"), int.from_bytes(frame[14:18], "big")
    sealed = read_item(frame[18:])
    need(isinstance(sealed, bytes) and len(sealed) >= 16, "no ciphertext")
    try:
        inner = AESCCM(key, tag_length=16).decrypt(
            nonce(direction, epoch, seq), sealed, additional_data(device, direction)
        )
    except InvalidTag as error:
        raise Refused("wrong key, device or direction, or changed bytes") from error
    return epoch, seq, inner


# ---- deterministic CBOR ----------------------------------------------------------------------------------------------


def read_item(data):
    """The one item that the bytes hold, in its deterministic encoding."""
    stream = io.BytesIO(data)
    try:
        item = cbor2.CBORDecoder(stream).decode()
    except (cbor2.CBORDecodeError, ValueError, EOFError, RecursionError) as error:
        raise Refused(f"not CBOR: {error}") from error
    need(stream.tell() == len(data), "bytes follow the item")
    return item


def read_map(data):
    """A map with ascending unsigned keys. Known values are checked for their shortest form by writing them again."""
    need(len(data) <= REPORT_BYTES_MAX, "longer than any report")
    need(len(data) > 0 and data[0] >> 5 == 5, "not a map")
    pairs, at = head(data, 0)
    fields, last = {}, -1
    for _ in range(pairs):
        need(at < len(data) and data[at] >> 5 == 0, "a key that is no unsigned integer")
        key, at = head(data, at)
        need(key > last, "keys do not ascend")
        last = key
        end = skip(data, at)
        fields[key] = data[at:end]
        at = end
    need(at == len(data), "bytes follow the map")
    return fields


def head(data, at):
    """The argument of the head at `at`, which must be in its shortest form, and where it ends."""
    need(at < len(data), "cut short")
    major, info = data[at] >> 5, data[at] & 0x1F
    if info < 24:
        return info, at + 1
    need(info <= 27, "an indefinite length or a reserved head")
    size = 1 << (info - 24)
    need(at + 1 + size <= len(data), "cut short")
    argument = int.from_bytes(data[at + 1 : at + 1 + size], "big")
    if major == 7:
        need(size > 1 or argument >= 32, "not the shortest form")
    else:
        least = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[size]
        need(argument >= least, "not the shortest form")
    return argument, at + 1 + size


def skip(data, at):
    """Where the item at `at` ends."""
    items = 1
    while items:
        items -= 1
        need(at < len(data), "cut short")
        major = data[at] >> 5
        argument, at = head(data, at)
        if major in (2, 3):
            at += argument
            need(at <= len(data), "cut short")
        elif major == 4:
            items += argument
        elif major == 5:
            items += 2 * argument
        elif major == 6:
            items += 1
        need(items <= len(data), "cut short")
    return at


class Fields:
    """The values of a map, taken by key, each of the type and within the range that the document gives."""

    def __init__(self, raw):
        self.raw = raw

    def value(self, key, kind):
        need(key in self.raw, f"key {key} is missing")
        value = read_item(self.raw[key])
        need(type(value) is kind, f"key {key} is of another type")
        return value

    def integer(self, key, low, high):
        value = self.value(key, int)
        need(low <= value <= high, f"key {key} is out of range")
        return value

    def uint(self, key, bits=32):
        return self.integer(key, 0, 2**bits - 1)

    def time(self, key):
        return self.integer(key, 0, TIME_MS_MAX)

    def optional(self, key, read, absent):
        """A key whose absence says `absent`, which must not be written out."""
        if key not in self.raw:
            return absent
        value = read(key)
        need(value != absent, f"key {key} says what its absence says")
        return value

    def octets(self, key, length=None):
        value = self.value(key, bytes)
        need(length is None or len(value) == length, f"key {key} has another length")
        return value

    def flag(self, key):
        return self.value(key, bool)


def opened(inner):
    fields = Fields(read_map(inner))
    version = fields.uint(0, 64)
    need(version == 1, f"schema version {version}")
    return fields.uint(1, 64), fields


# ---- reports ---------------------------------------------------------------------------------------------------------


def decode_report(inner):
    kind, fields = opened(inner)
    need(kind != 0 and not 16 <= kind <= 31, f"kind {kind} is no report's")
    read = {1: fixes, 2: event, 3: sightings, 4: health, 5: checkpoint, 6: receipt}.get(kind)
    if read is None:
        return {"kind": kind, "later": True}
    return {"kind": kind} | read(fields)


class Rows:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        need(self.at < len(self.data), "a row is cut")
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                need(shift == 0 or byte, "a needless byte in a varint")
                need(value < 2**64, "a varint of more than 64 bits")
                return value
            shift += 7
            need(shift < 70, "a varint of more than 64 bits")

    def signed(self):
        value = self.varint()
        return value // 2 if value % 2 == 0 else -(value // 2) - 1

    def difference(self):
        value = self.signed()
        need(value != 0, "a difference of 0")
        return value


def fixes(fields):
    at, interval = fields.time(2), fields.optional(3, fields.uint, 0)
    rows = Rows(fields.octets(4))
    row = {"at": at, "lat_e7": 0, "lon_e7": 0, "accuracy_dm": 0, "satellites": 0, "time_source": 0}
    decoded = []
    while rows.at < len(rows.data):
        row = dict(row)
        flags = rows.byte()
        need(flags & ~0x1F == 0, "an unknown flag")
        if decoded:
            row["at"] += interval
        if flags & 0x01:
            row["at"] += rows.difference()
        row["lat_e7"] += rows.signed()
        row["lon_e7"] += rows.signed()
        if flags & 0x08:
            row["accuracy_dm"] += rows.difference()
        row["speed_cm_s"], row["course_cdeg"] = (rows.varint(), rows.varint()) if flags & 0x10 else (0, 0)
        need(not flags & 0x10 or row["speed_cm_s"] or row["course_cdeg"], "motion of 0")
        for flag, name in ((0x02, "satellites"), (0x04, "time_source")):
            if flags & flag:
                value = rows.byte()
                need(value != row[name], f"the same {name} once more")
                row[name] = value
        need(0 <= row["at"] <= TIME_MS_MAX, "a time out of range")
        need(abs(row["lat_e7"]) <= 900_000_000 and abs(row["lon_e7"]) <= 1_800_000_000, "no position")
        need(0 <= row["accuracy_dm"] < 2**16 and row["speed_cm_s"] < 2**16, "out of range")
        need(row["course_cdeg"] < 36000 and row["time_source"] <= 3, "out of range")
        decoded.append(row)
    need(1 <= len(decoded) <= 60, "no row or too many")
    return {"fixes": decoded}


def event(fields):
    position = fields.optional(6, lambda key: fields.value(key, list), None)
    if position is not None:
        need(len(position) == 2 and all(type(part) is int for part in position), "no position")
        need(abs(position[0]) <= 900_000_000 and abs(position[1]) <= 1_800_000_000, "no position")
    decoded = {
        "at": fields.time(2),
        "time_source": fields.integer(3, 0, 3),
        "event": fields.integer(4, 1, 255),
        "value": fields.optional(5, lambda key: fields.integer(key, -(2**31), 2**31 - 1), 0),
        "position": position,
    }
    return {"later": True} if decoded["event"] > 33 else decoded


def sightings(fields):
    base, rows = fields.time(2), fields.value(3, list)
    need(1 <= len(rows) <= 40, "no sighting or too many")
    decoded = []
    for row in rows:
        need(isinstance(row, list) and [type(part) for part in row] == [int, int, int, bool], "no sighting")
        after, heard, rssi, authenticated = row
        need(0 <= base + after <= TIME_MS_MAX and 0 <= heard < 2**64 and -128 <= rssi <= 127, "out of range")
        decoded.append({"at": base + after, "heard": heard, "rssi_dbm": rssi, "authenticated": authenticated})
    return {"sightings": decoded}


def health(fields):
    state = fields.optional(14, lambda key: fields.uint(key, 8), None)
    return {
        "at": fields.time(2),
        "percent": fields.integer(3, 0, 100),
        "millivolts": fields.uint(4, 16),
        "charging": fields.flag(5),
        "empty_at": fields.optional(6, fields.time, None),
        "latches": fields.integer(7, 0, 3),
        "plan_version": fields.uint(8),
        "unacknowledged": fields.uint(9),
        "signal_dbm": fields.integer(10, -(2**15), 2**15 - 1),
        "temperature_c": fields.integer(11, -128, 127),
        "firmware": fields.uint(12),
        "zones_version": fields.optional(13, fields.uint, 0),
        "state": state if state is None or 1 <= state <= 12 else None,
    }


def checkpoint(fields):
    return {
        "epoch": fields.uint(3),
        "seq": fields.uint(4),
        "chain": fields.octets(5, 32).hex(),
        "signature": fields.octets(6, 64).hex(),
    }


def receipt(fields):
    decoded = {
        "at": fields.time(2),
        "time_source": fields.integer(3, 0, 3),
        "command": fields.uint(4, 8),
        "outcome": fields.uint(5, 8),
        "epoch": fields.uint(6),
        "seq": fields.uint(7),
        "version": fields.uint(8),
        "digest": fields.octets(9, 32).hex(),
        "parts": fields.optional(10, lambda key: fields.uint(key, 16), 0),
    }
    known = 16 <= decoded["command"] <= 23 and decoded["outcome"] <= 12
    return decoded if known else {"later": True}


# ---- chain and signatures --------------------------------------------------------------------------------------------


def chain_start(device, epoch):
    return hashlib.sha256(b"lenke chain v1" + device.to_bytes(8, "big") + epoch.to_bytes(4, "big")).digest()


def chain_next(before, inner):
    return hashlib.sha256(before + inner).digest()


def signature_holds(public_key, domain, payload, signature):
    message = cbor2.dumps(["Signature1", bytes.fromhex("a10127"), domain, payload])
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def checkpoint_holds(public_key, device, decoded):
    payload = (
        device.to_bytes(8, "big")
        + decoded["epoch"].to_bytes(4, "big")
        + decoded["seq"].to_bytes(4, "big")
        + bytes.fromhex(decoded["chain"])
    )
    return signature_holds(public_key, b"lenke checkpoint v1", payload, bytes.fromhex(decoded["signature"]))


# ---- downlinks -------------------------------------------------------------------------------------------------------


def decode_downlink(inner, device, authority):
    """What a downlink says; a signature that does not hold is refused."""
    kind, fields = opened(inner)
    read = {
        16: lambda: {"epoch": fields.uint(3), "seq": fields.uint(4)},
        17: lambda: plan(fields, device, authority),
        18: lambda: {"code": fields.integer(3, 1, 6)},
        19: dict,
        20: lambda: zones(fields, device, authority),
        21: lambda: {"on": fields.flag(3), "until": fields.time(4)},
        22: lambda: clear_latch(fields, device, authority),
        23: lambda: firmware(fields, authority),
    }.get(kind)
    need(read is not None, f"kind {kind} is no downlink's")
    return {"kind": kind} | read()


def body(fields, key, public_key, domain, prefix=b""):
    """The fields of a signed body under `key`, whose signature is under the next."""
    data, signature = fields.octets(key), fields.octets(key + 1, 64)
    need(len(data) <= 192, "a body that is too long")
    decoded = Fields(read_map(data))
    need(signature_holds(public_key, domain, prefix + data, signature), "a signature that does not hold")
    return decoded


def command(fields, kind, device, public_key):
    return body(fields, 3, public_key, b"lenke command v1", device.to_bytes(8, "big") + bytes([kind]))


def plan(fields, device, authority):
    signed = command(fields, 17, device, authority)
    interval = lambda key: signed.integer(key, 1, 86400)
    decoded = {
        "version": signed.uint(3),
        "base_version": signed.uint(4),
        "collect_s": interval(5),
        "transmit_s": interval(6),
        "no_fix_s": interval(7),
        "battery_low": signed.integer(8, 0, 100),
        "battery_critical": signed.integer(9, 0, 100),
        "still_s": interval(10),
        "near_s": interval(11),
        "pursuit_s": interval(12),
        "home_check_s": interval(13),
        "battery_reserve": signed.integer(14, 0, 100),
        "signed_by": "authority",
    }
    need(decoded["collect_s"] <= decoded["transmit_s"], "a plan that contradicts itself")
    need(
        decoded["battery_reserve"] <= decoded["battery_critical"] < decoded["battery_low"],
        "a plan that contradicts itself",
    )
    return decoded


def zones(fields, device, authority):
    signed = command(fields, 20, device, authority)
    size, part, data = signed.integer(5, 0, 16384), fields.uint(5, 8), fields.octets(6)
    parts = max(1, -(-size // 1024))
    need(part < parts and len(data) == min(1024, size - 1024 * part), "a part that the set does not have")
    return {
        "version": signed.uint(3),
        "base_version": signed.uint(4),
        "size": size,
        "hash": signed.octets(6, 32).hex(),
        "part": part,
        "bytes": data.hex(),
        "signed_by": "authority",
    }


def clear_latch(fields, device, authority):
    certificate = body(fields, 5, authority, b"lenke officer v1")
    officer_key = certificate.octets(4, 32)
    signed = command(fields, 22, device, officer_key)
    return {
        "latch": signed.integer(3, 1, 2),
        "epoch": signed.uint(4),
        "seq": signed.uint(5),
        "officer": certificate.uint(3),
        "officer_key": officer_key.hex(),
        "from": certificate.time(5),
        "until": certificate.time(6),
        "signed_by": "officer",
    }


def firmware(fields, authority):
    signed = body(fields, 3, authority, b"lenke release v1")
    decoded = {
        "board": signed.uint(3),
        "version": signed.uint(4),
        "size": signed.integer(5, 1, 2**32 - 1),
        "hash": signed.octets(6, 32).hex(),
        "min_version": signed.uint(7),
        "signed_by": "authority",
    }
    need(decoded["min_version"] <= decoded["version"], "a lowest version above its own")
    return decoded


# ---- derived keys ----------------------------------------------------------------------------------------------------


def mqtt_password(key, device):
    mac = hmac.new(key, b"lenke mqtt password v1" + device.to_bytes(8, "big"), hashlib.sha256)
    return mac.hexdigest()[:32]


def beacon_key(key, home, device):
    message = b"lenke beacon key v1" + home.to_bytes(8, "big") + device.to_bytes(8, "big")
    return hmac.new(key, message, hashlib.sha256).digest()[:16]
