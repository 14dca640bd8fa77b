# shellcheck shell=bash disable=SC2154
# Part of deploy/check: Prometheus' rules and their tests, Grafana's dashboards, the collector of traces.

prometheus=deploy/observability/prometheus
check_files "promtool check config" promtool check config -- $prometheus/prometheus.yml
check_files "promtool check rules" promtool check rules -- $prometheus/rules/*.yml
check_files "promtool test rules" promtool test rules -- $prometheus/tests/*.yml

mapfile -d '' -t dashboards < <(find deploy/observability/grafana -name '*.json' -print0 2>/dev/null)
if [ ${#dashboards[@]} -eq 0 ]; then
    skip "dashboards" "deploy/observability/grafana/**/*.json is not there"
else
    own "dashboards, ${#dashboards[@]} files" deploy/checks/dashboards.py "$work/expressions.yml" "${dashboards[@]}"
    check_files "promtool on the dashboards' expressions" promtool check rules -- "$work/expressions.yml"
fi
if [ -d $prometheus ]; then
    own "rules and dashboards ask for metrics that exist" deploy/checks/metrics.py deploy/observability
else
    skip "rules and dashboards ask for metrics that exist" "$prometheus is not there"
fi

mapfile -d '' -t collectors < <(find deploy/observability -name '*otel*.y*ml' -print0 2>/dev/null)
if [ ${#collectors[@]} -eq 0 ]; then
    skip "OpenTelemetry collector" "deploy/observability/**/*otel*.yaml is not there"
else
    own "OpenTelemetry collector" deploy/checks/collector.py "${collectors[@]}"
fi
