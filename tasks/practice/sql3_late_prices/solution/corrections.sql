WITH wanted AS (
    SELECT id, product, ordered_on, ordered_on AS known FROM orders WHERE ordered_on <= :known
    UNION
    SELECT id, product, ordered_on, :known FROM orders WHERE ordered_on <= :known
),
entries AS (
    SELECT wanted.id, wanted.known, prices.valid_from, prices.price,
           row_number() OVER (
               PARTITION BY wanted.id, wanted.known, prices.valid_from
               ORDER BY prices.recorded_on DESC, prices.id DESC
           ) AS age
    FROM wanted
    JOIN prices ON prices.product = wanted.product
        AND prices.valid_from <= wanted.ordered_on
        AND prices.recorded_on <= wanted.known
),
holding AS (
    SELECT id, known, price,
           row_number() OVER (PARTITION BY id, known ORDER BY valid_from DESC) AS place
    FROM entries
    WHERE age = 1 AND price IS NOT NULL
),
found AS (
    SELECT orders.id, orders.quantity, charged.price AS charged, correct.price AS correct
    FROM orders
    LEFT JOIN holding AS charged
        ON charged.id = orders.id AND charged.known = orders.ordered_on AND charged.place = 1
    LEFT JOIN holding AS correct
        ON correct.id = orders.id AND correct.known = :known AND correct.place = 1
    WHERE orders.ordered_on <= :known
)
SELECT id, charged, correct, (correct - charged) * quantity AS owed
FROM found
WHERE charged IS NOT correct
ORDER BY id;
