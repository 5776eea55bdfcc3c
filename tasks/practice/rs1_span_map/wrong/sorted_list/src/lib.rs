//! A map from ranges of u64 to values, in a sorted list.

use std::ops::Range;

#[derive(Clone, Debug)]
pub struct SpanMap<V> {
    spans: Vec<(Range<u64>, V)>,
}

impl<V: Clone + Eq> SpanMap<V> {
    pub fn new() -> Self {
        SpanMap { spans: Vec::new() }
    }

    pub fn set(&mut self, range: Range<u64>, value: V) {
        if range.start >= range.end {
            return;
        }
        self.clear(range.clone());
        let at = self.spans.partition_point(|(held, _)| held.start < range.start);
        self.spans.insert(at, (range, value));
        let mut joined: Vec<(Range<u64>, V)> = Vec::new();
        for (range, value) in self.spans.drain(..) {
            match joined.last_mut() {
                Some((held, same)) if held.end == range.start && *same == value => {
                    held.end = range.end
                }
                _ => joined.push((range, value)),
            }
        }
        self.spans = joined;
    }

    pub fn clear(&mut self, range: Range<u64>) {
        if range.start >= range.end {
            return;
        }
        let mut left = Vec::new();
        for (held, value) in self.spans.drain(..) {
            if held.start < range.start {
                left.push((held.start..held.end.min(range.start), value.clone()));
            }
            if held.end > range.end {
                left.push((held.start.max(range.end)..held.end, value));
            }
        }
        self.spans = left;
    }

    pub fn get(&self, position: u64) -> Option<&V> {
        let found = self.spans.iter().find(|(range, _)| range.contains(&position));
        found.map(|(_, value)| value)
    }

    pub fn spans(&self) -> impl Iterator<Item = (Range<u64>, &V)> {
        self.spans.iter().map(|(range, value)| (range.clone(), value))
    }

    pub fn gaps(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut found = Vec::new();
        let mut at = range.start;
        for (held, _) in &self.spans {
            if held.end <= at {
                continue;
            }
            if held.start >= range.end {
                break;
            }
            if held.start > at {
                found.push(at..held.start);
            }
            at = held.end;
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
