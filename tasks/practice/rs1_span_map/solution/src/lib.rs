//! A map from ranges of u64 to values.

use std::collections::BTreeMap;
use std::ops::Range;

/// Says which value each position has; most have none.
#[derive(Clone, Debug)]
pub struct SpanMap<V> {
    // start -> (end, value): never empty, never overlapping, never two of one value that
    // touch.
    spans: BTreeMap<u64, (u64, V)>,
}

impl<V: Clone + Eq> SpanMap<V> {
    pub fn new() -> Self {
        SpanMap { spans: BTreeMap::new() }
    }

    /// Gives each position of the range the value.
    pub fn set(&mut self, range: Range<u64>, value: V) {
        if range.start >= range.end {
            return;
        }
        self.clear(range.clone());
        let Range { mut start, mut end } = range;
        let before = self.spans.range(..start).next_back();
        if let Some((&first, (last, held))) = before {
            if *last == start && *held == value {
                start = first;
            }
        }
        if let Some((last, held)) = self.spans.get(&end) {
            if *held == value {
                let last = *last;
                self.spans.remove(&end);
                end = last;
            }
        }
        self.spans.insert(start, (end, value));
    }

    /// Takes the value of each position of the range away.
    pub fn clear(&mut self, range: Range<u64>) {
        let Range { start, end } = range;
        if start >= end {
            return;
        }
        let before = self.spans.range_mut(..start).next_back();
        if let Some((_, (last, value))) = before {
            if *last > start {
                let (rest, value) = (*last, value.clone());
                *last = start;
                if rest > end {
                    self.spans.insert(end, (rest, value));
                    return;
                }
            }
        }
        while let Some((&first, &(last, _))) = self.spans.range(start..end).next() {
            let (_, value) = self.spans.remove(&first).unwrap();
            if last > end {
                self.spans.insert(end, (last, value));
            }
        }
    }

    /// The value of a position.
    pub fn get(&self, position: u64) -> Option<&V> {
        let (_, (end, value)) = self.spans.range(..=position).next_back()?;
        (*end > position).then_some(value)
    }

    /// The longest ranges of one value, in order.
    pub fn spans(&self) -> impl Iterator<Item = (Range<u64>, &V)> {
        self.spans.iter().map(|(&start, (end, value))| (start..*end, value))
    }

    /// The parts of a range that have no value, in order.
    pub fn gaps(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut found = Vec::new();
        let mut at = range.start;
        let from = self
            .spans
            .range(..=range.start)
            .next_back()
            .map_or(range.start, |(&first, _)| first);
        for (&first, &(last, _)) in self.spans.range(from..) {
            if first >= range.end {
                break;
            }
            if first > at {
                found.push(at..first);
            }
            at = at.max(last);
        }
        if at < range.end {
            found.push(at..range.end);
        }
        found
    }
}

impl<V: Clone + Eq> Default for SpanMap<V> {
    fn default() -> Self {
        Self::new()
    }
}
