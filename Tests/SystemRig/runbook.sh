#!/bin/bash
# The documented way to change the network mode of the vault behind KMS, command by command, as an administrator types
# it: az and kubectl, no flag that Azure itself would not need. Each command is printed before it runs.
#
# Usage: runbook.sh to-private older|newer      the vault is closed before KMS is turned on again, or last
#        runbook.sh to-public                   both documents have the same order: the vault is opened before
#        runbook.sh rewrite                     what the page on enabling adds, and this one leaves out
#
# Source: MicrosoftDocs/azure-aks-docs, update-kms-key-vault.md, as of before and after May 2026. It takes RESOURCE_GROUP,
# CLUSTER_NAME, KEY_VAULT, KEY_ID and KEY_VAULT_RESOURCE_ID from the environment.
set -euo pipefail

run() {
    printf '$ %s\n' "$*"
    "$@"
}

turn_off() { run az aks update --name "$CLUSTER_NAME" --resource-group "$RESOURCE_GROUP" --disable-azure-keyvault-kms; }

rewrite_secrets() {
    echo '$ kubectl get secrets --all-namespaces -o json | kubectl replace -f -'
    kubectl get secrets --all-namespaces -o json | kubectl replace -f -
}

set_vault() {
    run az keyvault update --name "$KEY_VAULT" --resource-group "$RESOURCE_GROUP" --public-network-access "$1"
}

# The documents give the resource id for Public, too: az drops it without a word.
turn_on() {
    run az aks update --name "$CLUSTER_NAME" --resource-group "$RESOURCE_GROUP" --enable-azure-keyvault-kms \
        --azure-keyvault-kms-key-id "$KEY_ID" --azure-keyvault-kms-key-vault-network-access "$1" \
        --azure-keyvault-kms-key-vault-resource-id "$KEY_VAULT_RESOURCE_ID"
}

case "$*" in
    "to-private older")
        turn_off
        rewrite_secrets
        set_vault Disabled
        turn_on Private
        ;;
    "to-private newer")
        turn_off
        rewrite_secrets
        turn_on Private
        set_vault Disabled
        ;;
    to-public)
        turn_off
        rewrite_secrets
        set_vault Enabled
        turn_on Public
        ;;
    rewrite) rewrite_secrets ;;
    *)
        sed -n '2,/^set /{/^# \{0,1\}/s///p}' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
esac
