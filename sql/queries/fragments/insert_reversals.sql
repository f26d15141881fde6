-- purpose: add charges that take others back or over
-- tables: charges
INSERT INTO charges
    (tenant, time, trace_id, span_id, meter, entry, kind, state, state_reason, unit, quantity, unpriced, events, service_tier,
     context_tokens, price_id, price_rule, amount, currency, cost, list_cost, provider, model, operation, service_name, environment,
     project, user, product_feature, connector, prompt_name, prompt_version, response_hash, aggregate, retry, reason,
     origin_id, received_at, booked_at)
