-- Amounts are in cents; days are text, as in 2026-03-01.
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL -- not unique
);

CREATE TABLE invoices (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    due TEXT NOT NULL,
    cancelled_on TEXT -- NULL: it holds
);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    invoice_id INTEGER NOT NULL REFERENCES invoices (id),
    amount INTEGER NOT NULL, -- below 0: paid back
    paid_on TEXT NOT NULL
);
