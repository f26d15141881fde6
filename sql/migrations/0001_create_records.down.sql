-- Dropping records loses the history of every configuration change.
DROP TABLE IF EXISTS signals {{on_cluster}};
DROP TABLE IF EXISTS {{local signals}} {{on_cluster}};
DROP TABLE IF EXISTS records {{on_cluster}};
DROP TABLE IF EXISTS {{local records}} {{on_cluster}};
