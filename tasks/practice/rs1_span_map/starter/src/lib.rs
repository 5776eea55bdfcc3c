//! A map from ranges of u64 to values.

use std::ops::Range;

/// Says which value each position has; most have none.
#[derive(Clone, Debug)]
pub struct SpanMap<V> {
    spans: Vec<(Range<u64>, V)>,
}

impl<V: Clone + Eq> SpanMap<V> {
    pub fn new() -> Self {
        SpanMap { spans: Vec::new() }
    }

    /// Gives each position of the range the value.
    pub fn set(&mut self, range: Range<u64>, value: V) {
        // Later ones hide earlier ones.
        self.spans.insert(0, (range, value));
    }

    /// Takes the value of each position of the range away.
    pub fn clear(&mut self, _range: Range<u64>) {
        todo!()
    }

    /// The value of a position.
    pub fn get(&self, position: u64) -> Option<&V> {
        let found = self.spans.iter().find(|(range, _)| range.contains(&position));
        found.map(|(_, value)| value)
    }

    /// The longest ranges of one value, in order.
    pub fn spans(&self) -> impl Iterator<Item = (Range<u64>, &V)> {
        self.spans.iter().map(|(range, value)| (range.clone(), value))
    }

    /// The parts of a range that have no value, in order.
    pub fn gaps(&self, _range: Range<u64>) -> Vec<Range<u64>> {
        todo!()
    }
}

impl<V: Clone + Eq> Default for SpanMap<V> {
    fn default() -> Self {
        Self::new()
    }
}
