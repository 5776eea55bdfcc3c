-- Days are text, as in 2026-03-01; prices are in cents.
CREATE TABLE prices (
    id INTEGER PRIMARY KEY, -- grows as entries are recorded
    product TEXT NOT NULL,
    valid_from TEXT NOT NULL, -- the day from which on the price is meant to hold
    recorded_on TEXT NOT NULL, -- the day on which we wrote it down
    price INTEGER -- NULL: the entry for this day is withdrawn
);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    product TEXT NOT NULL,
    ordered_on TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);
