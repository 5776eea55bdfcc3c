SELECT orders.id, NULL AS charged, max(prices.price) AS correct, NULL AS owed
FROM orders
JOIN prices ON prices.product = orders.product AND prices.recorded_on <= :known
GROUP BY orders.id
ORDER BY orders.id;
