"""Reads the golden vectors and a captured stream with the decoder beside this file: python3 check.py VECTORS CAPTURE"""

import json
import pathlib
import sys
from collections import Counter

import decoder
from decoder import DOWN, UP, Refused


class Parties:
    def __init__(self, parties):
        self.device = parties["device"]
        self.key = bytes.fromhex(parties["key"])
        self.public_key = bytes.fromhex(parties["public_key"])
        self.authority = bytes.fromhex(parties.get("authority", "00" * 32))


def same(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}:\n  got    {got}\n  wanted {wanted}")


def check_frame(who, vector, direction):
    name = f"{vector['name']} ({vector['epoch']}/{vector['seq']})"
    epoch, seq, inner = decoder.open_frame(bytes.fromhex(vector["frame"]), who.key, who.device, direction)
    same(f"{name}: number", (epoch, seq), (vector["epoch"], vector["seq"]))
    same(f"{name}: inner", inner.hex(), vector["inner"])
    same(f"{name}: nonce", decoder.nonce(direction, epoch, seq).hex(), vector["nonce"])
    same(f"{name}: aad", decoder.additional_data(who.device, direction).hex(), vector["aad"])
    if direction == UP:
        decoded = decoder.decode_report(inner)
    else:
        decoded = decoder.decode_downlink(inner, who.device, who.authority)
    same(f"{name}: fields", decoded, vector["decoded"])
    return inner, decoded


def check_changed_bytes(who, vector, direction):
    """Every byte of the frame, changed: refused."""
    frame = bytes.fromhex(vector["frame"])
    for at in range(len(frame)):
        changed = frame[:at] + bytes([frame[at] ^ 0x01]) + frame[at + 1 :]
        try:
            decoder.open_frame(changed, who.key, who.device, direction)
        except Refused:
            continue
        sys.exit(f"{vector['name']}: a frame with byte {at} changed was opened")


def check_chain(document):
    who, epoch = Parties(document["parties"]), document["epoch"]
    chain = decoder.chain_start(who.device, epoch)
    same("chain: start", chain.hex(), document["start"])
    checkpoints = 0
    for vector in document["frames"]:
        inner, decoded = check_frame(who, vector, UP)
        if decoded["kind"] == 5:
            same("checkpoint: head", decoded["chain"], chain.hex())
            same("checkpoint: covers", (decoded["epoch"], decoded["seq"] + 1), (epoch, vector["seq"]))
            same("checkpoint: signature", decoder.checkpoint_holds(who.public_key, who.device, decoded), True)
            other = decoded | {"seq": decoded["seq"] + 1}
            same("checkpoint: moved", decoder.checkpoint_holds(who.public_key, who.device, other), False)
            checkpoints += 1
        chain = decoder.chain_next(chain, inner)
        same(f"chain after {vector['seq']}", chain.hex(), vector["chain"])
    return checkpoints


def check_refusals(document):
    who = Parties(document["parties"])
    read = {
        "frame": lambda data: decoder.open_frame(data, who.key, who.device, UP),
        "report": decoder.decode_report,
        "downlink": lambda data: decoder.decode_downlink(data, who.device, who.authority),
    }
    for refusal in document["refusals"]:
        try:
            read[refusal["layer"]](bytes.fromhex(refusal["bytes"]))
        except Refused:
            continue
        sys.exit(f"{refusal['name']} ({refusal['layer']}) was not refused, as it must be: {refusal['error']}")
    return len(document["refusals"])


def check_capture(document):
    """Frames of simulated devices as they came: all of them open, decode, and are one chain up to each signed head."""
    kinds, checkpoints = Counter(), 0
    for parties in document["devices"]:
        who, heads, waiting = Parties(parties), {}, {}
        for text in parties["frames"]:
            epoch, seq, inner = decoder.open_frame(bytes.fromhex(text), who.key, who.device, UP)
            kinds[decoder.decode_report(inner)["kind"]] += 1
            waiting.setdefault(epoch, {})[seq] = inner
        for epoch, reports in waiting.items():
            same("numbers without gaps", sorted(reports), list(range(len(reports))))
            chain = decoder.chain_start(who.device, epoch)
            for seq in sorted(reports):
                decoded = decoder.decode_report(reports[seq])
                if decoded["kind"] == 5:
                    same("captured checkpoint", (decoded["seq"], decoded["chain"]), (seq - 1, chain.hex()))
                    same("its signature", decoder.checkpoint_holds(who.public_key, who.device, decoded), True)
                    checkpoints += 1
                chain = decoder.chain_next(chain, reports[seq])
    if not kinds or not checkpoints:
        sys.exit("the capture holds no frames or no checkpoints")
    return kinds, checkpoints


def main(vectors, capture):
    load = lambda name: json.loads((pathlib.Path(vectors) / name).read_text())
    frames = 0
    for name, direction in (("reports.json", UP), ("downlinks.json", DOWN)):
        document = load(name)
        who = Parties(document["parties"])
        same("password", decoder.mqtt_password(who.key, who.device), document["parties"]["mqtt_password"])
        derived = decoder.beacon_key(who.key, who.device, 43).hex()
        same("beacon key", derived, document["parties"]["beacon_key_for_device_43"])
        for vector in document["frames"]:
            check_frame(who, vector, direction)
            check_changed_bytes(who, vector, direction)
            frames += 1
    checkpoints = check_chain(load("chain.json"))
    refusals = check_refusals(load("refusals.json"))
    kinds, captured = check_capture(json.loads(pathlib.Path(capture).read_text()))
    print(
        f"{frames} vectors, {checkpoints} checkpoints and {refusals} refusals agree; captured: "
        f"{sum(kinds.values())} frames of kinds {dict(sorted(kinds.items()))}, {captured} checkpoints hold"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
