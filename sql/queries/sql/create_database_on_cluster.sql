-- purpose: make the database the address names on every node
-- params: database Identifier, cluster Identifier
CREATE DATABASE IF NOT EXISTS {database:Identifier} ON CLUSTER {cluster:Identifier}
