SELECT customers.id, customers.name, sum(invoices.amount) AS overdue
FROM customers
JOIN invoices ON invoices.customer_id = customers.id
GROUP BY customers.id;
