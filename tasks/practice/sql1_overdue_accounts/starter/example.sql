INSERT INTO customers VALUES (1, 'Abel'), (2, 'Berta'), (3, 'Chloe');
INSERT INTO invoices VALUES
    (10, 1, 5000, '2026-02-10', NULL),
    (11, 1, 1200, '2026-02-20', NULL),
    (12, 2, 8000, '2026-02-01', NULL),
    (13, 3, 700, '2026-04-01', NULL);
INSERT INTO payments VALUES (100, 10, 2000, '2026-02-12'), (101, 12, 8000, '2026-02-01');
