WITH open_invoices AS (
    SELECT
        invoices.customer_id,
        invoices.due,
        invoices.amount - coalesce(
            (
                SELECT sum(payments.amount)
                FROM payments
                WHERE payments.invoice_id = invoices.id AND payments.paid_on <= :today
            ),
            0
        ) AS open
    FROM invoices
    WHERE invoices.due <= :today
        AND (invoices.cancelled_on IS NULL OR invoices.cancelled_on > :today)
)

SELECT
    customers.id,
    customers.name,
    count(*) AS invoices,
    sum(open_invoices.open) AS overdue,
    min(open_invoices.due) AS oldest
FROM open_invoices
JOIN customers ON customers.id = open_invoices.customer_id
WHERE open_invoices.open > 0
GROUP BY customers.id, customers.name
ORDER BY overdue DESC, customers.id;
