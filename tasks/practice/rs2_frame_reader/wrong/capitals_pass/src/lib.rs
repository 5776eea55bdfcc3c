//! Reads frames from a stream that arrives in pieces of any size.

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Frame { kind: u8, payload: Vec<u8> },
    BadHeader,
    TooLong { kind: u8, length: u32 },
    BadTrailer { kind: u8 },
}

#[derive(Debug)]
enum State {
    Start,
    Kind,
    Length { kind: u8, digits: u8, length: u32 },
    Payload { kind: u8, left: u32, payload: Vec<u8> },
    Trailer { kind: u8, payload: Vec<u8>, seen: [u8; 3], count: usize },
    Skip { left: u32 },
    Resync,
}

/// Takes bytes as they come.
#[derive(Debug)]
pub struct FrameReader {
    limit: u32,
    state: State,
}

impl FrameReader {
    /// A reader that gives no payload of more bytes than `limit`.
    pub fn new(limit: u32) -> Self {
        FrameReader { limit, state: State::Start }
    }

    /// What the bytes complete, in order.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match &mut self.state {
                State::Payload { kind, left, payload } => {
                    let take = rest.len().min(*left as usize);
                    payload.extend_from_slice(&rest[..take]);
                    *left -= take as u32;
                    at += take;
                    if *left == 0 {
                        let (kind, payload) = (*kind, std::mem::take(payload));
                        self.state = State::Trailer { kind, payload, seen: [0; 3], count: 0 };
                    }
                }
                State::Skip { left } => {
                    let take = rest.len().min(*left as usize);
                    *left -= take as u32;
                    at += take;
                    if *left == 0 {
                        self.state = State::Start;
                    }
                }
                _ => {
                    at += 1;
                    self.step(rest[0], &mut events);
                }
            }
        }
        events
    }

    /// Whether the stream may end here.
    pub fn is_between(&self) -> bool {
        matches!(self.state, State::Start)
    }

    fn step(&mut self, byte: u8, events: &mut Vec<Event>) {
        let state = std::mem::replace(&mut self.state, State::Start);
        self.state = match state {
            State::Start if byte == b'#' => State::Kind,
            State::Kind if byte.is_ascii_uppercase() => {
                State::Length { kind: byte, digits: 0, length: 0 }
            }
            State::Length { kind, digits, length }
                if byte.is_ascii_digit() && digits < 6 && !(digits == 1 && length == 0) =>
            {
                let length = length * 10 + u32::from(byte - b'0');
                State::Length { kind, digits: digits + 1, length }
            }
            State::Length { kind, digits, length } if byte == b':' && digits > 0 => {
                if length > self.limit {
                    events.push(Event::TooLong { kind, length });
                    State::Skip { left: length + 3 }
                } else if length == 0 {
                    State::Trailer { kind, payload: Vec::new(), seen: [0; 3], count: 0 }
                } else {
                    State::Payload { kind, left: length, payload: Vec::new() }
                }
            }
            State::Trailer { kind, payload, mut seen, count } => {
                seen[count] = byte;
                if count < 2 {
                    State::Trailer { kind, payload, seen, count: count + 1 }
                } else {
                    events.push(ended(kind, payload, seen));
                    State::Start
                }
            }
            State::Resync if byte != b'\n' => State::Resync,
            State::Resync => State::Start,
            _ => {
                events.push(Event::BadHeader);
                if byte == b'\n' {
                    State::Start
                } else {
                    State::Resync
                }
            }
        };
    }
}

fn ended(kind: u8, payload: Vec<u8>, seen: [u8; 3]) -> Event {
    let sum = payload.iter().fold(kind, |sum, byte| sum.rotate_left(1) ^ byte);
    if seen.to_ascii_lowercase() == *format!("{:02x}\n", sum).as_bytes() {
        Event::Frame { kind, payload }
    } else {
        Event::BadTrailer { kind }
    }
}
