# What the profile `observability` of docker-compose.yml asks of registries, from a Debian image that has it (not Grafana).
ARG BASE_IMAGE
# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS prometheus
RUN install -d -o nobody -g nogroup /prometheus
USER 65534:65534
ENTRYPOINT ["prometheus"]

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS postgres-exporter
USER 65534:65534
ENTRYPOINT ["prometheus-postgres-exporter"]

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS collector
COPY collector /usr/local/bin/
USER 65534:65534
ENTRYPOINT ["collector"]
