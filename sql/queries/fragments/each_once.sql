-- purpose: of a decision that was sent more than once, the span before the log record, then the newest
ORDER BY decisions.source, decisions.time DESC, decisions.received_at DESC
LIMIT 1 BY decision_id
