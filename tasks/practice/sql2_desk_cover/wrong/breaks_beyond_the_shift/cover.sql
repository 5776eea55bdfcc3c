WITH present AS (
    SELECT id, desk, starts, ends FROM shifts WHERE starts < ends
),
clipped AS (
    SELECT present.id, desk,
           breaks.starts AS starts,
           breaks.ends AS ends
    FROM breaks
    JOIN present ON present.id = breaks.shift_id
),
edges AS (
    SELECT id, desk, starts AS at, 1 AS change FROM clipped
    UNION ALL
    SELECT id, desk, ends, -1 FROM clipped
),
open AS (
    SELECT id, desk, at, sum(sum(change)) OVER (PARTITION BY id ORDER BY at) AS breaks
    FROM edges
    GROUP BY id, desk, at
),
steps AS (
    SELECT desk, at, breaks, lag(breaks, 1, 0) OVER (PARTITION BY id ORDER BY at) AS was
    FROM open
),
events AS (
    SELECT desk, starts AS at, 1 AS change FROM present
    UNION ALL
    SELECT desk, ends, -1 FROM present
    UNION ALL
    SELECT desk, at, (was > 0) - (breaks > 0) FROM steps
),
moments AS (
    SELECT desk, at, sum(change) AS change
    FROM events
    GROUP BY desk, at
    HAVING sum(change) <> 0
),
spans AS (
    SELECT desk, at AS starts,
           lead(at) OVER (PARTITION BY desk ORDER BY at) AS ends,
           sum(change) OVER (PARTITION BY desk ORDER BY at) AS people
    FROM moments
)
SELECT desk, starts, ends, people
FROM spans
WHERE ends IS NOT NULL
ORDER BY desk, starts;
