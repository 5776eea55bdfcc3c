//! Random streams in random pieces: prints every answer of the reader.
use frames::FrameReader;

fn main() {
    let mut state: u64 = std::env::args().nth(1).unwrap().parse::<u64>().unwrap() | 1;
    let mut draw = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    for _ in 0..1500 {
        let mut stream = Vec::new();
        for _ in 0..1 + draw(6) {
            let kind = b'A' + [0, 1, 25][draw(3)];
            let length = [0, 0, 1, 2, 9, 10, 11, 30, 100][draw(9)];
            let payload: Vec<u8> = (0..length).map(|_| b"#A0:\n\xff\x80z"[draw(8)]).collect();
            let mut sum = kind;
            for byte in &payload {
                sum = sum.rotate_left(1) ^ byte;
            }
            let mut frame = format!("#{}{}:", kind as char, length).into_bytes();
            frame.extend(&payload);
            frame.extend(format!("{:02x}\n", sum).bytes());
            match draw(6) {
                0 => {
                    let at = draw(frame.len());
                    frame[at] = b"#A0:\nz9a"[draw(8)];
                }
                1 => {
                    let at = draw(frame.len());
                    frame.insert(at, b"#A0:\nz9a"[draw(8)]);
                }
                2 => {
                    let at = draw(frame.len());
                    frame.remove(at);
                }
                3 if draw(2) == 0 => frame.make_ascii_uppercase(),
                3 => frame = format!("#Q{}:", [999999, 1000000, 100000][draw(3)]).into_bytes(),
                _ => {}
            }
            stream.extend(frame);
        }
        let mut reader = FrameReader::new([0, 10, 10, 30, u32::MAX][draw(5)]);
        let mut rest = &stream[..];
        while !rest.is_empty() {
            let (piece, later) = rest.split_at((1 + draw(9)).min(rest.len()));
            rest = later;
            println!("{:?} {}", reader.push(piece), reader.is_between());
        }
    }
}
