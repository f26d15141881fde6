-- purpose: the newest version number of one record; 0 where there is none
-- params: tenant String, kind String, id String
-- result: version
-- tables: records
SELECT max(version) AS version
FROM records
WHERE tenant = {tenant:String} AND kind = {kind:String} AND id = {id:String}
