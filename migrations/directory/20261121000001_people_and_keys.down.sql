drop table directory.audit_logs;
drop table directory.usage_records;
drop table directory.sessions;
drop table directory.api_keys;
drop table directory.channel_configurations;
drop table directory.external_identities;
drop table directory.users;
