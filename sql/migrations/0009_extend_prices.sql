-- A published book says which change made it, a point which rule gave its amount; exchange rates;
-- and how far charges have been brought up to the book.

ALTER TABLE price_points {{on_cluster}} ADD COLUMN IF NOT EXISTS rules Array(String) AFTER price_ids;

ALTER TABLE price_books {{on_cluster}}
    ADD COLUMN IF NOT EXISTS change_id String,
    ADD COLUMN IF NOT EXISTS actor String,
    ADD COLUMN IF NOT EXISTS approver String,
    ADD COLUMN IF NOT EXISTS reason String;

DROP DICTIONARY IF EXISTS price_points_dictionary {{on_cluster}};

DROP VIEW IF EXISTS price_points_now {{on_cluster}};

CREATE VIEW IF NOT EXISTS price_points_now {{on_cluster}} AS
SELECT
    tenant, provider, model, meter, service_tier, valid_from, valid_to,
    currency, above, amounts, list_amounts, price_ids, rules
FROM price_points
WHERE book_version = (SELECT max(book_version) FROM price_books);

-- Prices an insert: both times of a key are included, so valid_to is the last nanosecond. Who publishes
-- reloads it; the lifetime is for the other nodes, and the second pass of a restatement meets their inserts.
CREATE DICTIONARY IF NOT EXISTS price_points_dictionary {{on_cluster}} (
    tenant String,
    provider String,
    model String,
    meter String,
    service_tier String,
    valid_from DateTime64(9, 'UTC'),
    valid_to DateTime64(9, 'UTC'),
    currency String,
    above Array(UInt64),
    amounts Array(Decimal(38, 18)),
    list_amounts Array(Decimal(38, 18)),
    price_ids Array(String),
    rules Array(String)
)
PRIMARY KEY tenant, provider, model, meter, service_tier
SOURCE(CLICKHOUSE(TABLE 'price_points_now' {{dictionary_login}}))
LAYOUT(COMPLEX_KEY_RANGE_HASHED(RANGE_LOOKUP_STRATEGY 'max'))
RANGE(MIN valid_from MAX valid_to)
LIFETIME(MIN 15 MAX 30);

-- Which books the charges have been restated by. A pass that is not final is followed by one that
-- also meets inserts which were priced by the book before.
CREATE TABLE IF NOT EXISTS price_restatements {{on_cluster}} (
    book_version UInt64,
    final Bool,
    finished_at DateTime64(9, 'UTC'),
    late_prices UInt64,
    corrections UInt64,
    cost_changes Map(String, Decimal(38, 18))
) ENGINE = {{engine_everywhere MergeTree}}
ORDER BY (book_version, finished_at);

-- What one unit of a currency was worth in another on a day; the row recorded last holds.
CREATE TABLE IF NOT EXISTS fx_rates {{on_cluster}} (
    base LowCardinality(String),
    quote LowCardinality(String),
    day Date,
    rate Decimal(38, 18),
    source String,
    actor String,
    recorded_at DateTime64(9, 'UTC')
) ENGINE = {{engine_everywhere MergeTree}}
ORDER BY (base, quote, day, recorded_at);
