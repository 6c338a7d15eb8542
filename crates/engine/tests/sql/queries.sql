-- Queries whose answers equal DuckDB's on the same tables; `tools/sql-parity` runs them there and keeps its answers in
-- duckdb.json. Each begins with a line `-- name:`; the order of its rows is fixed by ORDER BY.

-- name: events by name
SELECT event, count(*) AS n, count(DISTINCT person) AS people FROM events GROUP BY event ORDER BY n DESC, event;

-- name: rows of every table
SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM persons), (SELECT count(*) FROM sessions),
  (SELECT count(*) FROM journeys), (SELECT count(*) FROM feedback), (SELECT count(*) FROM costs);

-- name: amounts: sum, mean, least, greatest
SELECT event, count(amount) AS n, sum(amount) AS total, avg(CAST(amount AS DOUBLE)) AS mean, min(amount), max(amount)
FROM events WHERE amount IS NOT NULL GROUP BY event ORDER BY event;

-- name: spread: deviation and variance
SELECT event, stddev_samp(CAST(amount AS DOUBLE)), var_pop(CAST(amount AS DOUBLE)) FROM events
WHERE event IN ('purchase', 'store_purchase', 'refund') GROUP BY event ORDER BY event;

-- name: having
SELECT channel, count(*) AS n FROM events GROUP BY channel HAVING count(*) > 50 ORDER BY n DESC, channel;

-- name: null logic: no channel is no value
SELECT count(*), count(channel), count(*) FILTER (WHERE channel IS NULL), count(*) FILTER (WHERE channel = channel),
  count(*) FILTER (WHERE NOT (channel = 'web')), count(*) FILTER (WHERE channel IS DISTINCT FROM 'web') FROM events;

-- name: null logic: not in with a null
SELECT count(*) FROM events WHERE channel NOT IN ('web', NULL);

-- name: null logic: coalesce, nullif, three-valued or
SELECT coalesce(channel, 'none') AS place, count(nullif(event, 'visit')) AS others,
  sum(CASE WHEN channel = 'web' OR amount > 0 THEN 1 ELSE 0 END) AS hits
FROM events GROUP BY 1 ORDER BY 1;

-- name: distinct pairs
SELECT DISTINCT event, channel FROM events WHERE channel IS NOT NULL ORDER BY event, channel;

-- name: like
SELECT event, count(*) FROM events WHERE event LIKE 'email\_%' ESCAPE '\' OR event LIKE '%purchase' GROUP BY event ORDER BY event;

-- name: ilike and starts
SELECT count(*) FILTER (WHERE event ILIKE 'VIEW%'), count(*) FILTER (WHERE starts_with(event, 'view_')),
  count(*) FILTER (WHERE event NOT LIKE '%e%') FROM events;

-- name: regular expressions
SELECT event, regexp_replace(event, '^(view|add|begin)_', 'x:') AS short, count(*) FROM events
WHERE regexp_like(event, '^(view|add|begin)_[a-z]+') GROUP BY 1, 2 ORDER BY 1;

-- name: text functions
SELECT event, upper(event), length(event), substr(event, 1, 3), replace(event, '_', '-'), split_part(event, '_', 2),
  reverse(event), event || '!' FROM events GROUP BY event ORDER BY event;

-- name: case, bands
SELECT CASE WHEN amount < 0 THEN 'back' WHEN amount < 20000 THEN 'small' WHEN amount < 60000 THEN 'middle' ELSE 'large' END AS band,
  count(*) AS n, sum(amount) FROM events WHERE amount IS NOT NULL GROUP BY 1 ORDER BY 1;

-- name: months
SELECT date_trunc('month', time) AS month, count(*) AS n, count(DISTINCT person) FROM events GROUP BY 1 ORDER BY 1;

-- name: parts of dates
SELECT extract(year FROM time) AS y, extract(month FROM time) AS m, extract(dow FROM time) AS d, count(*) FROM events
WHERE event = 'purchase' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: hours of the day
SELECT extract(hour FROM time) AS h, count(*) FROM events WHERE event = 'visit' GROUP BY 1 ORDER BY 1;

-- name: a range of time, its first instant in, its last out
SELECT count(*), min(time), max(time) FROM events
WHERE time >= TIMESTAMPTZ '2026-05-01T00:00:00Z' AND time < TIMESTAMPTZ '2026-06-01T00:00:00Z';

-- name: an interval added
SELECT count(*) FROM events a JOIN persons p ON p.person = a.person
WHERE a.time <= p.first_at + INTERVAL '1 day' AND a.event = 'purchase';

-- name: the boundary is a row
SELECT count(*) FROM events WHERE person = (SELECT min(person) FROM persons)
  AND time >= (SELECT first_at FROM persons ORDER BY person LIMIT 1)
  AND time <= (SELECT last_at FROM persons ORDER BY person LIMIT 1);

-- name: window: number of a purchase
SELECT n, count(*) FROM (
  SELECT row_number() OVER (PARTITION BY person ORDER BY time, event_id) AS n FROM events WHERE event = 'purchase') t
GROUP BY n ORDER BY n;

-- name: window: days between purchases
SELECT count(gap), round(avg(gap), 6), max(gap) FROM (
  SELECT date_part('epoch', time - lag(time) OVER (PARTITION BY person ORDER BY time, event_id)) / 86400.0 AS gap
  FROM events WHERE event = 'purchase') t;

-- name: window: running total and share
SELECT month, total, sum(total) OVER (ORDER BY month) AS running,
  round(CAST(total AS DOUBLE) / sum(CAST(total AS DOUBLE)) OVER (), 9) AS share
FROM (SELECT date_trunc('month', time) AS month, sum(amount) AS total FROM events WHERE event = 'purchase' GROUP BY 1) t
ORDER BY month;

-- name: window: rank and quarters
SELECT event, n, rank() OVER (ORDER BY n DESC) AS place, dense_rank() OVER (ORDER BY n DESC) AS dense,
  ntile(4) OVER (ORDER BY n DESC, event) AS quarter FROM (SELECT event, count(*) AS n FROM events GROUP BY event) t
ORDER BY place, event;

-- name: window: moving mean over a frame
SELECT day, n, avg(n) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS week FROM (
  SELECT CAST(date_trunc('day', time) AS DATE) AS day, count(*) AS n FROM events GROUP BY 1) t ORDER BY day LIMIT 40;

-- name: window: first and last value
SELECT DISTINCT person, first_value(event) OVER w AS first, last_value(event) OVER w AS last FROM events
WINDOW w AS (PARTITION BY person ORDER BY time, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
ORDER BY person LIMIT 50;

-- name: sessions are what events make of them
WITH told AS (
  SELECT person, time, event_id, amount, channel, event,
    CASE WHEN time - lag(time) OVER (PARTITION BY person ORDER BY time, event_id) <= INTERVAL '30 minutes' THEN 0 ELSE 1 END AS is_new
  FROM events WHERE event <> 'identify'),
numbered AS (SELECT *, sum(is_new) OVER (PARTITION BY person ORDER BY time, event_id ROWS UNBOUNDED PRECEDING) AS session FROM told),
made AS (SELECT person, session, min(time) AS started_at, max(time) AS ended_at, count(*) AS n_events,
  coalesce(sum(amount), 0) AS amount FROM numbered GROUP BY person, session)
SELECT count(*), count(s.person), sum(CASE WHEN m.started_at = s.started_at AND m.ended_at = s.ended_at
  AND m.n_events = s.n_events AND m.amount = s.amount THEN 1 ELSE 0 END)
FROM made m FULL JOIN sessions s ON s.person = m.person AND s.session = m.session;

-- name: sessions by channel
SELECT channel, count(*) AS n, sum(n_events), avg(date_part('epoch', ended_at - started_at)) AS seconds FROM sessions
GROUP BY channel ORDER BY n DESC, channel;

-- name: entry and exit
SELECT entry_event, exit_event, count(*) AS n FROM sessions GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 20;

-- name: join: sessions before a conversion
SELECT j.journey, count(*) AS n FROM journeys j JOIN sessions s ON s.person = j.person AND s.started_at <= j.converted_at
GROUP BY j.journey ORDER BY j.journey;

-- name: join: people without a purchase
SELECT count(*) FROM persons p LEFT JOIN events e ON e.person = p.person AND e.event IN ('purchase', 'store_purchase')
WHERE e.person IS NULL;

-- name: join: anti and semi
SELECT (SELECT count(*) FROM persons p WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.person = p.person)),
  (SELECT count(*) FROM persons WHERE person IN (SELECT person FROM feedback));

-- name: persons: sums agree with events
SELECT count(*) FROM persons p JOIN (
  SELECT person, count(*) AS n, coalesce(sum(amount), 0) AS amount, min(time) AS first_at, max(time) AS last_at,
    count(DISTINCT anonymous_id) AS ids FROM events GROUP BY person) e
ON e.person = p.person AND e.n = p.n_events AND e.amount = p.amount AND e.first_at = p.first_at AND e.last_at = p.last_at
  AND e.ids = p.n_anonymous_ids;

-- name: persons: traits
SELECT age_band, region, count(*) AS n FROM persons GROUP BY 1, 2 ORDER BY n DESC, 1 NULLS LAST, 2 NULLS LAST LIMIT 30;

-- name: quantiles
SELECT event, quantile_cont(CAST(amount AS DOUBLE), 0.5) AS half, quantile_cont(CAST(amount AS DOUBLE), 0.9) AS most
FROM events WHERE amount > 0 GROUP BY event ORDER BY event;

-- name: median
SELECT median(CAST(n_events AS DOUBLE)), median(CAST(amount AS DOUBLE)) FROM persons;

-- name: feedback by kind
SELECT kind, count(*) AS n, avg(score) AS mean, count(text) AS words, min(score), max(score) FROM feedback GROUP BY kind ORDER BY kind;

-- name: net promoter score
SELECT 100.0 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6)) / count(*) AS nps
FROM feedback WHERE kind = 'nps';

-- name: feedback is what events make of it
SELECT count(*), count(score), count(rating), count(comment) FROM events
WHERE event <> 'identify' AND (score IS NOT NULL OR rating IS NOT NULL OR trim(comment) <> '' OR trim(text) <> '');

-- name: journeys: outcomes
SELECT journey, outcome, ended_by, count(*) AS n, count(converted_at) FROM journeys GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 NULLS FIRST;

-- name: journeys: stages
SELECT journey, stage_number, stage, count(*) AS n, max(furthest_stage_number), sum(n_touches) FROM journeys
GROUP BY 1, 2, 3 ORDER BY 1, 2;

-- name: journeys: days to convert
SELECT journey, count(*), avg(date_part('epoch', converted_at - entered_at)) / 86400.0 AS days,
  min(converted_at), max(converted_at) FROM journeys WHERE converted_at IS NOT NULL GROUP BY 1 ORDER BY 1;

-- name: journeys: everybody once, and after entering
SELECT journey, count(*) = count(DISTINCT person), bool_and(last_touch_at >= entered_at),
  bool_and(furthest_stage_number >= stage_number) FROM journeys GROUP BY 1 ORDER BY 1;

-- name: costs by month and channel
SELECT name, date_trunc('month', day) AS month, channel, sum(value) AS total, count(campaign) FROM costs GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- name: cost of an order, by channel of the first session
SELECT c.channel, c.spent, o.orders, round(c.spent / nullif(o.orders, 0), 6) AS each
FROM (SELECT channel, sum(value) AS spent FROM costs WHERE channel IS NOT NULL GROUP BY 1) c
LEFT JOIN (SELECT s.channel, count(*) AS orders FROM events e JOIN sessions s ON s.person = e.person AND s.session = 1
  WHERE e.event = 'purchase' GROUP BY 1) o ON o.channel = c.channel ORDER BY c.channel;

-- name: union, intersect, except
SELECT 'either' AS what, count(*) FROM (SELECT person FROM feedback UNION SELECT person FROM journeys) t
UNION ALL SELECT 'both', count(*) FROM (SELECT person FROM feedback INTERSECT SELECT person FROM journeys) t
UNION ALL SELECT 'only words', count(*) FROM (SELECT person FROM feedback EXCEPT SELECT person FROM journeys) t
ORDER BY 1;

-- name: recursive
WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps WHERE n < 6)
SELECT n, (SELECT count(*) FROM journeys WHERE furthest_stage_number >= n) FROM steps ORDER BY n;

-- name: a funnel by hand
WITH first AS (
  SELECT person, min(CASE WHEN event = 'view_item' THEN time END) AS viewed, min(CASE WHEN event = 'add_to_cart' THEN time END) AS added,
    min(CASE WHEN event = 'purchase' THEN time END) AS bought FROM events GROUP BY person)
SELECT count(viewed), count(CASE WHEN added >= viewed THEN 1 END), count(CASE WHEN bought >= added AND added >= viewed THEN 1 END) FROM first;

-- name: cohorts
WITH first AS (SELECT person, date_trunc('month', min(time)) AS cohort FROM events GROUP BY person)
SELECT f.cohort, date_trunc('month', e.time) AS month, count(DISTINCT e.person) AS people
FROM first f JOIN events e ON e.person = f.person GROUP BY 1, 2 ORDER BY 1, 2;

-- name: top per group
SELECT channel, event, n FROM (
  SELECT channel, event, count(*) AS n, row_number() OVER (PARTITION BY channel ORDER BY count(*) DESC, event) AS place
  FROM events WHERE channel IS NOT NULL GROUP BY channel, event) t WHERE place <= 3 ORDER BY channel, place;

-- name: grouping sets
SELECT channel, event, count(*) AS n FROM events WHERE event IN ('visit', 'purchase') GROUP BY ROLLUP (channel, event)
ORDER BY channel NULLS LAST, event NULLS LAST, n;

-- name: rows as they are
SELECT person, time, event, channel, amount, user_id, anonymous_id, source, event_id FROM events
ORDER BY person, time, event_id LIMIT 60;

-- name: rows from the middle
SELECT person, session, started_at, n_events FROM sessions ORDER BY started_at, person, session LIMIT 20 OFFSET 200;

-- name: arithmetic and rounding
SELECT sum(CAST(amount AS BIGINT)) % 97, round(sqrt(sum(CAST(amount AS DOUBLE))), 3), abs(min(amount)), floor(avg(CAST(amount AS DOUBLE))),
  power(2, 10), 7 / 2.0, -7 % 3 FROM events;

-- name: correlated: their last event
SELECT count(*) FROM events e WHERE e.time = (SELECT max(x.time) FROM events x WHERE x.person = e.person) AND e.event = 'purchase';
