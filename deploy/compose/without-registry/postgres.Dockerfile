# PostgreSQL from a Debian image that has it, in place of the official image.
ARG BASE_IMAGE
# hadolint ignore=DL3006
FROM ${BASE_IMAGE}
COPY postgres-entrypoint /usr/local/bin/
# A tmpfs over the second takes its mode, and not its owner.
RUN install -d -m 0700 -o postgres -g postgres /var/lib/postgresql/data && install -d -m 3777 /run/postgresql
# The postmaster stops in an orderly way on SIGINT: on SIGTERM it would wait for clients.
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres-entrypoint"]
