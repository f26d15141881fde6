-- purpose: exchange rates that name one of some currencies, as known then; of a day the one recorded last
-- params: currencies Array(String) (empty: all); from_day, to_day Date (both included); known_ns Int64;
--         the last row seen, empty before the first: after Array(String); limit UInt32
-- columns: base, quote, day, rate, source, actor, recorded_at (UTC ns)
-- tables: fx_rates
SELECT
    toString(base) AS base,
    toString(quote) AS quote,
    day,
    argMax(fx_rates.rate, fx_rates.recorded_at) AS rate,
    argMax(fx_rates.source, fx_rates.recorded_at) AS source,
    argMax(fx_rates.actor, fx_rates.recorded_at) AS actor,
    toUnixTimestamp64Nano(max(fx_rates.recorded_at)) AS recorded_at
FROM fx_rates
WHERE (empty({currencies:Array(String)}) OR has({currencies:Array(String)}, base) OR has({currencies:Array(String)}, quote))
    AND day >= {from_day:Date} AND day <= {to_day:Date}
    AND fx_rates.recorded_at <= fromUnixTimestamp64Nano({known_ns:Int64}, 'UTC')
GROUP BY base, quote, day
HAVING [base, quote, toString(day)] > {after:Array(String)}
ORDER BY base, quote, day
LIMIT {limit:UInt32}
