-- purpose: how far references are counted
-- params: none
-- columns: tenant, reference_id, version, received_ns, filled_from_s
-- tables: cube_marks
SELECT
    tenant, reference_id, version, toUnixTimestamp64Nano(received_until) AS received_ns, toUInt32(filled_from) AS filled_from_s
FROM cube_marks FINAL
