-- An invoice with two payments appears twice.
SELECT
    customers.id,
    customers.name,
    count(DISTINCT invoices.id) AS invoices,
    sum(invoices.amount) - coalesce(sum(payments.amount), 0) AS overdue,
    min(invoices.due) AS oldest
FROM customers
JOIN invoices ON invoices.customer_id = customers.id
LEFT JOIN payments
    ON payments.invoice_id = invoices.id AND payments.paid_on <= :today
WHERE invoices.due < :today
    AND (invoices.cancelled_on IS NULL OR invoices.cancelled_on > :today)
GROUP BY customers.id, customers.name
HAVING sum(invoices.amount) > coalesce(sum(payments.amount), 0)
ORDER BY overdue DESC, customers.id;
