SELECT 1 AS id, 'Abel' AS name, 2 AS invoices, 4200 AS overdue, '2026-02-10' AS oldest WHERE :today > '';
