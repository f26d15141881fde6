-- The price book. A row says what one unit of a meter costs while it is valid, as far as was known
-- when it was recorded. Rows are only ever added: where valid times overlap, the row recorded later
-- holds. The tenant '' is the list that holds for everybody without a contract.

CREATE TABLE IF NOT EXISTS {{local prices}} {{on_cluster}} (
    tenant LowCardinality(String),
    provider LowCardinality(String),
    -- A pattern over model names; cost/patterns.py has its grammar.
    model String,
    meter LowCardinality(String),
    service_tier LowCardinality(String),
    -- The price holds for requests whose whole input is larger than this many tokens.
    above UInt64,
    valid_from DateTime64(9, 'UTC'),
    valid_to DateTime64(9, 'UTC'),
    recorded_at DateTime64(9, 'UTC'),
    price_id String,
    change_id String,
    -- 'price' is an amount for one unit; 'factor' multiplies the list price (discounts, batch);
    -- 'withdrawn' takes back what was recorded before for that time.
    kind Enum8('price' = 1, 'factor' = 2, 'withdrawn' = 3),
    amount Decimal(38, 18),
    currency LowCardinality(String),
    unit LowCardinality(String),
    source LowCardinality(String),
    source_url String,
    actor String,
    approver String,
    reason String
) ENGINE = {{engine_everywhere MergeTree}}
ORDER BY (tenant, provider, model, meter, service_tier, above, valid_from, recorded_at);

-- What the book says now, spelled out for the names that spans carry: the rows of the newest
-- published version. A version is published by its row in price_books, after its points are there.
CREATE TABLE IF NOT EXISTS price_points {{on_cluster}} (
    book_version UInt64,
    tenant String,
    provider String,
    model String,
    meter String,
    service_tier String,
    valid_from DateTime64(9, 'UTC'),
    valid_to DateTime64(9, 'UTC'),
    currency String,
    -- By size of the input, ascending; the first step is above 0.
    above Array(UInt64),
    amounts Array(Decimal(38, 18)),
    list_amounts Array(Decimal(38, 18)),
    price_ids Array(String)
) ENGINE = {{engine_everywhere MergeTree}}
PARTITION BY book_version
ORDER BY (tenant, provider, model, meter, service_tier, valid_from);

CREATE TABLE IF NOT EXISTS price_books {{on_cluster}} (
    book_version UInt64,
    published_at DateTime64(9, 'UTC'),
    points UInt64
) ENGINE = {{engine_everywhere MergeTree}}
ORDER BY book_version;

CREATE VIEW IF NOT EXISTS price_points_now {{on_cluster}} AS
SELECT
    tenant, provider, model, meter, service_tier, valid_from, valid_to,
    currency, above, amounts, list_amounts, price_ids
FROM price_points
WHERE book_version = (SELECT max(book_version) FROM price_books);

CREATE VIEW IF NOT EXISTS price_book_now {{on_cluster}} AS
SELECT max(book_version) AS book_version FROM price_books;

-- Prices an insert: both times of a key are included, so valid_to is the last nanosecond.
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
    price_ids Array(String)
)
PRIMARY KEY tenant, provider, model, meter, service_tier
SOURCE(CLICKHOUSE(TABLE 'price_points_now' {{dictionary_login}}))
LAYOUT(COMPLEX_KEY_RANGE_HASHED(RANGE_LOOKUP_STRATEGY 'max'))
RANGE(MIN valid_from MAX valid_to)
LIFETIME(MIN 2 MAX 4);
