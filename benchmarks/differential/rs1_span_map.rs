//! Random ranges: prints every answer of the span map.
use span_map::SpanMap;

fn main() {
    let mut state: u64 = std::env::args().nth(1).unwrap().parse::<u64>().unwrap() | 1;
    let mut draw = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    for round in 0..300 {
        let base = if round % 5 == 0 { u64::MAX - 20 } else { 0 };
        let mut map: SpanMap<String> = SpanMap::default();
        for _ in 0..40 {
            let (a, b) = (base + draw(21), base + draw(21));
            let (a, b) = if draw(8) == 0 { (a, b) } else { (a.min(b), a.max(b)) };
            if draw(3) == 0 {
                map.clear(a..b);
            } else {
                map.set(a..b, draw(2).to_string());
            }
            let found: Vec<_> = map.spans().collect();
            println!("{:?} {:?}", a..b, found);
            println!("{:?}", (0..21).map(|at| map.get(base + at)).collect::<Vec<_>>());
            let (a, b) = (base + draw(21), base + draw(21));
            println!("{:?} {:?}", map.gaps(a..b), map.gaps(0..u64::MAX));
        }
        let copy = map.clone();
        map.clear(0..u64::MAX);
        println!("{} {}", copy.spans().count(), map.spans().count());
    }
}
