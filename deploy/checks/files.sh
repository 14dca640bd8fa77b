# shellcheck shell=bash disable=SC2154
# Part of deploy/check: images, compose, scripts, YAML, workflows and SQL.

mapfile -d '' -t found < <(find deploy -name '*Dockerfile*' -type f -print0)
check_files "hadolint, ${#found[@]} files" hadolint --no-color -- "${found[@]}"
check_files "compose schema" check-jsonschema --builtin-schema vendor.compose-spec -- docker-compose.yml

scripts() {
    local file first
    while IFS= read -r -d '' file; do
        IFS= read -r first <"$file" || continue
        case $first in '#!'*sh | '# shellcheck shell='*) printf '%s\0' "$file" ;; esac
    done < <(find deploy .ci .github -type f ! -name '*.sql' -print0 2>/dev/null)
}
mapfile -d '' -t found < <(scripts)
check_files "shellcheck, ${#found[@]} scripts" shellcheck --external-sources --source-path=SCRIPTDIR -- "${found[@]}"

mapfile -d '' -t found < <(find deploy docker-compose.yml .github -type f \( -name '*.yml' -o -name '*.yaml' \) -print0 2>/dev/null)
check_files "yamllint, ${#found[@]} files" yamllint --strict --config-file deploy/checks/yamllint.yml -- "${found[@]}"

mapfile -d '' -t found < <(find deploy -type f -name '*.py' -print0)
check_files "python, ${#found[@]} files" python3 -c 'import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]' \
    -- "${found[@]}"

check_files "actionlint" actionlint -shellcheck "$(command -v shellcheck)" -- .github/workflows/*.yml
check "zizmor" zizmor --offline --no-progress --quiet .github
check "licences of what is linked" deploy/licences --quiet
if python3 -c 'import cyclonedx' 2>/dev/null; then
    check "bills of materials" python3 deploy/sbom --check
else
    skip "bills of materials" "cyclonedx-python-lib is not installed"
fi
check_files "workflow schema" check-jsonschema --builtin-schema vendor.github-workflows -- .github/workflows/*.yml

# What undoes a migration drops things; that is what it is for, and `down` asks for --yes.
old=() new=()
for file in migrations/*/*.up.sql; do
    version=$(basename "$file" | cut -d_ -f1)
    if [ "$version" -le 20261124000008 ]; then old+=("$file"); else new+=("$file"); fi
done
check_files "squawk, ${#old[@]} migrations that cannot change" squawk --reporter gcc --config deploy/checks/squawk-merged.toml -- "${old[@]}"
check_files "squawk, ${#new[@]} newer migrations and roles" squawk --reporter gcc --config deploy/checks/squawk.toml -- "${new[@]}" deploy/sql/*.sql
