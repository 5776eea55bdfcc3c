//! Reads frames from a stream that arrives in pieces of any size.

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Frame { kind: u8, payload: Vec<u8> },
    BadHeader,
    TooLong { kind: u8, length: u32 },
    BadTrailer { kind: u8 },
}

/// Takes bytes as they come.
#[derive(Debug)]
pub struct FrameReader {
    limit: u32,
    waiting: Vec<u8>,
}

impl FrameReader {
    /// A reader that gives no payload of more bytes than `limit`.
    pub fn new(limit: u32) -> Self {
        FrameReader { limit, waiting: Vec::new() }
    }

    /// What the bytes complete, in order.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.waiting.extend_from_slice(bytes);
        let _ = self.limit;
        todo!()
    }

    /// Whether the stream may end here.
    pub fn is_between(&self) -> bool {
        self.waiting.is_empty()
    }
}
