-- purpose: let the embedded engine read a local file in place
-- params: none; sql.client fills the braces with checked names and quoted literals
INSERT INTO {table} {columns} FROM INFILE {path} COMPRESSION 'none' SETTINGS {settings} FORMAT {format}
