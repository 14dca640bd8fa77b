# shellcheck shell=bash disable=SC2154
# Part of deploy/check: the manifests of every overlay, as kustomize makes them.

# The Prometheus operator wants rules in a resource of its own: the files of deploy/observability, indented.
operator_rules() {
    echo "# Made of deploy/observability/prometheus/rules by \`deploy/check --write\`; change them there."
    local file
    for file in deploy/observability/prometheus/rules/*.yml; do
        printf -- '---\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: mailroom-%s\nspec:\n' \
            "$(basename "$file" .yml)"
        sed 's/^\(.\)/  \1/' "$file"
    done
}
operators=deploy/kubernetes/components/prometheus/rules.yaml
[ -n "$write" ] && operator_rules >"$operators"
operator_rules >"$work/rules.yaml"
check "the operator's rules are those of deploy/observability (else: deploy/check --write)" \
    diff -u "$operators" "$work/rules.yaml"

# A component that no overlay takes is tried as well, on top of production.
cp -r deploy/kubernetes "$work/kubernetes"
mkdir "$work/kubernetes/overlays/argocd"
printf '%s\n' "apiVersion: kustomize.config.k8s.io/v1beta1" "kind: Kustomization" "resources: [../production]" \
    "components: [../../components/argocd]" >"$work/kubernetes/overlays/argocd/kustomization.yaml"

mkdir "$work/rendered" "$work/custom"
for overlay in "$work"/kubernetes/overlays/*/; do
    overlay=$(basename "$overlay")
    rendered=$work/rendered/$overlay.yaml
    check "kustomize $overlay" kubectl kustomize "$work/kubernetes/overlays/$overlay" --output "$rendered"
    if [ -s "$rendered" ]; then
        check "kubernetes $kubernetes schema $overlay" \
            kubernetes-validate --kubernetes-version "$kubernetes" --strict --no-warn --quiet "$rendered"
    else
        skip "kubernetes $kubernetes schema $overlay" "there are no manifests"
    fi
done

# Resources of operators: kubernetes-validate does not know them, crd-schemas/ does.
if compgen -G "$work/rendered/*.yaml" >/dev/null; then
    own "operators' resources are of known kinds" deploy/checks/split.py "$work/custom" deploy/kubernetes/crd-schemas \
        "$work"/rendered/*.yaml
    for schema in deploy/kubernetes/crd-schemas/*.json; do
        kind=$(basename "$schema" .json)
        check_files "schema of $kind" check-jsonschema --schemafile "$schema" -- "$work/custom/$kind"/*.yaml
    done
    own "what every pod must have" deploy/checks/manifests.py "$work"/rendered/*.yaml
else
    skip "operators' resources" "there are no manifests"
    skip "what every pod must have" "there are no manifests"
fi
