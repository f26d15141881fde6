-- purpose: hours of a reference's cube, 64 codes a row, for bench/drift_store.py
-- params: features, hours UInt32; start_s UInt32
-- tables: feature_cube
INSERT INTO feature_cube
    (tenant, reference_id, version, feature, dimension, value, hour, codes, counts, numbers, mean, squares, least, greatest, computed_at)
SELECT
    'bench', 'wide', 1, concat('number_', toString(number % {features:UInt32})), '', '',
    toDateTime({start_s:UInt32} + intDiv(number, {features:UInt32}) * 3600, 'UTC'),
    range(64), arrayMap(c -> 1 + cityHash64(number, c) % 50, range(64)), 1600, 0.1, 1600, -4, 4, now64(9, 'UTC')
FROM numbers({features:UInt32} * {hours:UInt32})
