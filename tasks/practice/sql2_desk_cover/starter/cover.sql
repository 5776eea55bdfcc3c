SELECT desk, starts, ends, 1 AS people
FROM shifts
ORDER BY desk, starts;
