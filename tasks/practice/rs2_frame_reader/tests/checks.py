"""Cuts streams into pieces in many ways, and reads them in one piece by itself."""

import random

from grading import Report, candidate, equal

DRIVER = r"""
use frames::{Event, FrameReader};
use std::io::{self, Read};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let mut reader = FrameReader::new(0);
    for line in text.lines() {
        if let Some(limit) = line.strip_prefix("new ") {
            reader = FrameReader::new(limit.parse().unwrap());
            println!("new");
            continue;
        }
        for event in reader.push(&hex(line)) {
            match event {
                Event::Frame { kind, payload } => {
                    print!("F{} ", kind);
                    for byte in payload {
                        print!("{:02x}", byte);
                    }
                    print!(", ");
                }
                Event::BadHeader => print!("H, "),
                Event::TooLong { kind, length } => print!("L{} {}, ", kind, length),
                Event::BadTrailer { kind } => print!("T{}, ", kind),
            }
        }
        println!("{}", reader.is_between());
    }
}
"""
LARGE = r"""
use frames::{Event, FrameReader};

fn sum(kind: u8, payload: &[u8]) -> u8 {
    payload.iter().fold(kind, |sum, byte| sum.rotate_left(1) ^ byte)
}

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut whole = format!("#{}{}:", kind as char, payload.len()).into_bytes();
    whole.extend_from_slice(payload);
    whole.extend_from_slice(format!("{:02x}\n", sum(kind, payload)).as_bytes());
    whole
}

fn main() {
    let long = frame(b'Q', &vec![b'#'; 900_000]);
    let mut reader = FrameReader::new(999_999);
    let mut frames = 0;
    for _ in 0..4 {
        for byte in &long {
            for event in reader.push(std::slice::from_ref(byte)) {
                if let Event::Frame { payload, .. } = event {
                    frames += payload.len();
                }
            }
        }
    }
    let small: Vec<u8> = (0..400_000u32).flat_map(|i| frame(b'A', &i.to_be_bytes())).collect();
    let events = reader.push(&small);
    println!("{} {} {}", frames, events.len(), reader.is_between());
    // Announced, and nothing more: no memory may be taken for it.
    let mut waiting = Vec::new();
    for _ in 0..20_000 {
        let mut one = FrameReader::new(999_999);
        one.push(b"#Z999999:x");
        waiting.push(one);
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmPeak")).unwrap();
    let peak: u64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    println!("{}", peak < 2_000_000);
}
"""

def build(name, text, *options):
    """Build the candidate's library with a program of ours, in a copy of its folder."""
    script = (
        "set -e; mkdir -p /tmp/%(name)s/src; cp Cargo.toml /tmp/%(name)s/;"
        " cp -r src/. /tmp/%(name)s/src/; cat >/tmp/%(name)s/src/main.rs;"
        " cd /tmp/%(name)s; RUSTFLAGS='%(flags)s' cargo build --quiet --offline --release"
    ) % {"name": name, "flags": " ".join(options)}
    done = candidate(["sh", "-c", script], input=text, timeout=90)
    equal((done.exit, done.errors[:1500] if done.exit else ""), (0, ""))


def checksum(kind, payload):
    value = kind
    for byte in payload:
        value = ((value << 1 | value >> 7) & 255) ^ byte
    return value


def frame(kind, payload):
    return b"#%c%d:%s%02x\n" % (kind, len(payload), payload, checksum(kind, payload))


def events(stream, limit):
    """(the place of the byte that decides it, event), and the places where it may end."""
    found, between, at = [], {0}, 0
    while at < len(stream):
        head = at
        kind = length = None
        digits = b""
        bad = None
        if stream[at : at + 1] != b"#":
            bad = at
        elif at + 1 >= len(stream):
            break
        elif not 65 <= stream[at + 1] <= 90:
            bad = at + 1
        else:
            kind = stream[at + 1]
            at += 2
            while at < len(stream) and stream[at] in b"0123456789":
                if len(digits) == 6 or digits == b"0":
                    bad = at
                    break
                digits += stream[at : at + 1]
                at += 1
            if bad is None:
                if at >= len(stream):
                    break
                if not digits or stream[at : at + 1] != b":":
                    bad = at
        if bad is not None:
            found.append((bad, "H"))
            end = stream.find(b"\n", bad)
            if end < 0:
                break
            at = end + 1
            between.add(at)
            continue
        length = int(digits)
        at += 1
        end = at + length + 3
        if length > limit:
            found.append((at - 1, "L%d %d" % (kind, length)))
        elif end <= len(stream):
            payload, tail = stream[at : end - 3], stream[end - 3 : end]
            good = tail == b"%02x\n" % checksum(kind, payload)
            what = "F%d %s" % (kind, payload.hex()) if good else "T%d" % kind
            found.append((end - 1, what))
        if end > len(stream):
            break
        at = end
        between.add(at)
    return found, between


def check(streams):
    """Each stream with its limit and the places where it is cut."""
    given, said = [], []
    for stream, limit, cuts in streams:
        found, between = events(stream, limit)
        given.append("new %d" % limit)
        said.append("new")
        places = [0, *cuts, len(stream)]
        for start, end in zip(places, places[1:]):
            given.append(stream[start:end].hex())
            told = [what for at, what in found if start <= at < end]
            said.append("".join(what + ", " for what in told) + str(end in between).lower())
    text = "".join(line + "\n" for line in given)
    done = candidate(["/tmp/driver/target/release/frames"], input=text)
    equal((done.exit, done.errors[:500]), (0, ""))
    equal(done.out.splitlines(), said)


A, B = frame(65, b"one"), frame(66, b"")
CASES = {
    "one frame": A,
    "an empty payload": B,
    "frames in a row": A + B + frame(90, b"#A1:x\n") + A,
    "every byte in a payload": frame(77, bytes(range(256))),
    "the longest of one to six digits": b"".join(
        frame(67, b"x" * n) for n in (9, 10, 99, 100, 999, 1000)
    ),
    "a byte that is no beginning": b"hello\n" + A,
    "a newline that is no beginning": b"\n\n" + A,
    "a small letter": b"#a3:one00\n" + A,
    "a newline in place of the kind": b"#\n" + A,
    "a newline in place of the length": b"#A\n" + A,
    "a newline after the length": b"#A3\n" + A,
    "no length": b"#A:" + b"00\n" + A,
    "a leading zero": b"#A03:one00\n" + A,
    "two zeros": b"#A00:41\n" + A,
    "seven digits": b"#A1234567:x\n" + A,
    "a sign": b"#A+3:one\n" + A,
    "a frame inside what is dropped": b"#a #A3:one" + A + B,
    "dropped up to the end": A + b"#!never",
    "a checksum with one bit wrong": A[:-2] + bytes([A[-2] ^ 1]) + b"\n" + B,
    "a checksum in capitals": frame(74, b"\x5f").upper() + B,
    "a checksum without a newline": A[:-1] + b" " + B,
    "a short payload": b"#A9:one" + A + b"1234567\n" + B,
    "a long payload": b"#A2:one00\n" + A,
    "longer than the limit": frame(68, b"y" * 1001) + A,
    "longer than the limit, with anything in it": b"#D1002:" + A * 150,
    "a kind of no ASCII": b"#\xc3\x841:a\n" + B,
}


def drawn(seed):
    chance = random.Random(seed)
    stream = b""
    for _ in range(chance.randint(1, 12)):
        payload = bytes(chance.choices(b"#A:0\n\x00\xff9f", k=chance.choice([0, 1, 3, 12, 30])))
        piece = bytearray(frame(chance.randint(65, 90), payload))
        for _ in range(chance.choice([0, 0, 1, 2])):
            at = chance.randrange(len(piece))
            if chance.random() < 0.5:
                piece[at : at + 1] = bytes(chance.choices(b"#A:01\n\xff", k=chance.randint(0, 2)))
            else:
                piece[at] = chance.choice(b"#AZ:0123456789\n f")
            if not piece:
                break
        stream += bytes(piece)
    cuts = sorted(chance.choices(range(len(stream) + 1), k=chance.choice([0, 1, 4, 40])))
    return stream, chance.choice([0, 1, 3, 12, 1000]), cuts


with Report() as report:
    with report.test("compiles"):
        build("driver", DRIVER, "-C overflow-checks=on")
    for name, stream in CASES.items():
        with report.test(name):
            size = len(stream)
            check(
                [
                    (stream, 1000, []),
                    (stream, 1000, range(1, size)),
                    *((stream, 1000, [cut]) for cut in range(1, min(size, 60))),
                ]
            )
    for seed in range(10):
        with report.test("a hundred streams drawn from seed %d" % seed):
            check([drawn(seed * 1000 + each) for each in range(100)])
    with report.test("byte by byte in good time, and no memory for what is only announced"):
        build("large", LARGE)
        done = candidate(["sh", "-c", "ulimit -t 15; exec /tmp/large/target/release/frames"], timeout=90)
        equal((done.exit, done.out), (0, "3600000 400000 true\ntrue\n"))
