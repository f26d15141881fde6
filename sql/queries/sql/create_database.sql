-- purpose: make the database the address names
-- params: database Identifier
CREATE DATABASE IF NOT EXISTS {database:Identifier}
