-- Sums of charges by hour and everything reports group by, but the user. A job adds one block for
-- what was booked since the block before; its rows count once their watermark is published.

CREATE TABLE IF NOT EXISTS {{local charge_hours}} {{on_cluster}} (
    watermark DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    tenant LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, LZ4),
    provider LowCardinality(String),
    model LowCardinality(String),
    meter LowCardinality(String),
    unit LowCardinality(String),
    service_tier LowCardinality(String),
    kind LowCardinality(String),
    currency LowCardinality(String),
    operation LowCardinality(String),
    service_name LowCardinality(String),
    environment LowCardinality(String),
    project LowCardinality(String),
    product_feature LowCardinality(String),
    connector LowCardinality(String),
    prompt_name LowCardinality(String),
    prompt_version LowCardinality(String),
    retry Bool,
    quantity Decimal(38, 9),
    cost Decimal(38, 18),
    list_cost Decimal(38, 18),
    events Int64 CODEC(T64, LZ4),
    unpriced Int64 CODEC(T64, LZ4),
    rows UInt64 CODEC(T64, LZ4),
    quarantined UInt64 CODEC(T64, LZ4)
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, provider, model, meter, watermark)
{{ttl charges hour}}
SETTINGS {{part_settings}};

{{distributed charge_hours cityHash64(tenant)}}

CREATE TABLE IF NOT EXISTS charge_watermarks {{on_cluster}} (
    watermark DateTime64(9, 'UTC'),
    follows DateTime64(9, 'UTC'),
    published_at DateTime64(9, 'UTC'),
    charges UInt64
) ENGINE = {{engine_everywhere MergeTree}}
ORDER BY watermark;

-- The same by day and user; users are too many for the hours.
CREATE TABLE IF NOT EXISTS {{local charge_user_days}} {{on_cluster}} (
    watermark DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    tenant LowCardinality(String),
    day Date CODEC(Delta, LZ4),
    user String,
    project LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    meter LowCardinality(String),
    unit LowCardinality(String),
    kind LowCardinality(String),
    currency LowCardinality(String),
    quantity Decimal(38, 9),
    cost Decimal(38, 18),
    list_cost Decimal(38, 18),
    events Int64 CODEC(T64, LZ4),
    unpriced Int64 CODEC(T64, LZ4),
    rows UInt64 CODEC(T64, LZ4),
    quarantined UInt64 CODEC(T64, LZ4)
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, day, user, model, meter, watermark)
{{ttl charges toDateTime(day)}}
SETTINGS {{part_settings}};

{{distributed charge_user_days cityHash64(tenant)}}

-- What reports read: the sums up to the last block that was known, and what was booked after it.
-- known_ns is when it is asked as of, on the clock of booking.
CREATE VIEW IF NOT EXISTS charge_sums {{on_cluster}} AS
SELECT
    tenant, hour, provider, model, meter, unit, service_tier, kind, currency, operation, service_name, environment,
    project, product_feature, connector, prompt_name, prompt_version, retry,
    quantity, cost, list_cost, events, unpriced, rows, quarantined
FROM charge_hours
WHERE watermark GLOBAL IN (SELECT watermark FROM charge_watermarks WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC'))
UNION ALL
SELECT
    {{charge_sum_columns}}
FROM charges FINAL
WHERE booked_at > (SELECT max(watermark) FROM charge_watermarks WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC'))
    AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
    AND state != 'aggregate';

CREATE VIEW IF NOT EXISTS charge_user_sums {{on_cluster}} AS
SELECT
    tenant, day, user, project, provider, model, meter, unit, kind, currency,
    quantity, cost, list_cost, events, unpriced, rows, quarantined
FROM charge_user_days
WHERE watermark GLOBAL IN (SELECT watermark FROM charge_watermarks WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC'))
UNION ALL
SELECT
    {{charge_user_columns}}
FROM charges FINAL
WHERE booked_at > (SELECT max(watermark) FROM charge_watermarks WHERE watermark <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC'))
    AND booked_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
    AND state != 'aggregate';
