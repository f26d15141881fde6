-- purpose: rows of tenants
-- params: tenants Array(String) (empty: all but the service's own)
if(empty({tenants:Array(String)}), tenant != 'answerable', has({tenants:Array(String)}, tenant))
