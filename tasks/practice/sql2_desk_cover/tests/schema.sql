-- Times are whole minutes. A shift or a break holds from `starts` up to, but not
-- including, `ends`.
CREATE TABLE shifts (
    id INTEGER PRIMARY KEY,
    desk TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    CHECK (starts <= ends)
);

CREATE TABLE breaks (
    id INTEGER PRIMARY KEY,
    shift_id INTEGER NOT NULL REFERENCES shifts (id),
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    CHECK (starts <= ends)
);
