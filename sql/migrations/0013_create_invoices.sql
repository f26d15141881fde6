-- What providers say was used and what they ask for it: imported files, line by line as they were.
-- An import counts once its row in invoices is there, after all its lines. Its id is made from the
-- file's content, so the same file again is the same rows.

CREATE TABLE IF NOT EXISTS {{local invoice_lines}} {{on_cluster}} (
    -- Whose invoice it is; '' is one for the whole organisation.
    tenant LowCardinality(String),
    invoice_id String,
    line UInt32,
    day Date,
    provider LowCardinality(String),
    -- As the file writes it.
    model LowCardinality(String),
    -- '' for what is no metered use, such as tax.
    meter LowCardinality(String),
    unit LowCardinality(String),
    service_tier LowCardinality(String),
    quantity Nullable(Decimal(38, 9)),
    amount Nullable(Decimal(38, 18)),
    currency LowCardinality(String),
    -- The provider's project or workspace, and the tenant it was mapped to.
    scope String,
    scope_tenant LowCardinality(String),
    description String,
    raw String CODEC(ZSTD(3))
) ENGINE = {{engine ReplacingMergeTree}}
ORDER BY (tenant, invoice_id, line);

{{distributed invoice_lines cityHash64(invoice_id)}}

CREATE TABLE IF NOT EXISTS invoices {{on_cluster}} (
    tenant LowCardinality(String),
    invoice_id String,
    name String,
    format LowCardinality(String),
    content_sha256 FixedString(64),
    first_day Date,
    last_day Date,
    providers Array(String),
    lines UInt32,
    -- Digits after the point that the file's amounts have at most: what it rounds to.
    amount_scale UInt8,
    amounts Map(String, Decimal(38, 18)),
    scopes Map(String, String),
    key_id String,
    imported_at DateTime64(9, 'UTC')
) ENGINE = {{engine_everywhere ReplacingMergeTree}}
ORDER BY (tenant, invoice_id);
