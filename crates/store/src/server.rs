//! Administration of a database server: databases and settings.
