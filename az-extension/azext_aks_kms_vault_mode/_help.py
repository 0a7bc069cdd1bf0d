# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
# Generated from Sources/Shared/Usage by UPDATE_DOCS=1 swift test --filter GeneratedFilesTests. Do not edit.
"""Help, with examples that parse."""

from knack.help_files import helps

helps['aks kms-vault-mode'] = """
type: group
short-summary: 'Switch the key vault behind a cluster''s KMS etcd encryption between public and private network access.'
long-summary: >
    With KMS on, the vault's network mode cannot be changed. These commands turn KMS off, rewrite all Secrets, change
    the vault, turn KMS on again and rewrite all Secrets, in the order that is safe, and prove the result. If a run is
    interrupted, resume finishes it, and make-safe goes back to encrypted and readable.
"""

helps['aks kms-vault-mode show'] = """
type: command
short-summary: 'Show the cluster''s KMS mode, its key and vault, an unfinished run, and what to do next.'
long-summary: >
    secretsAtRest is unknown unless an unfinished run of this machine has proven more: that KMS is on does not tell how
    older Secrets are stored. "verify --patch" checks every Secret.
examples:
  - name: 'Show the KMS mode of a cluster.'
    text: az aks kms-vault-mode show -g MyResourceGroup -n MyManagedCluster
  - name: 'Show only how Secrets are stored.'
    text: az aks kms-vault-mode show -g MyResourceGroup -n MyManagedCluster --query secretsAtRest -o tsv
"""

helps['aks kms-vault-mode preflight'] = """
type: command
short-summary: 'Check everything that could make a switch fail; changes nothing.'
examples:
  - name: 'Check whether the vault can go private.'
    text: az aks kms-vault-mode preflight --mode Private -g MyResourceGroup -n MyManagedCluster -o table
"""

helps['aks kms-vault-mode switch'] = """
type: command
short-summary: 'Switch the vault to private or public: the whole job.'
long-summary: >
    Shows the plan and asks before it changes anything. If the switch cannot go on while Secrets may be plaintext, it
    turns KMS on again by itself (--on-failure). Exit codes: 0 done; 1 failed, nothing plaintext; 2 usage; 3 refused
    before the first change; 4 interrupted or unknown, resumable; 5 done, but some Secrets were not rewritten; 6
    stopped while Secrets are or may be plaintext.
examples:
  - name: 'Make the vault private.'
    text: az aks kms-vault-mode switch --mode Private -g MyResourceGroup -n MyManagedCluster
  - name: 'Show what that would do, without changing anything.'
    text: az aks kms-vault-mode switch --mode Private -g MyResourceGroup -n MyManagedCluster --dry-run -o table
  - name: 'Make it public again, without a question.'
    text: az aks kms-vault-mode switch --mode Public -g MyResourceGroup -n MyManagedCluster --yes
  - name: 'If the switch cannot go on, stop and leave everything as it is.'
    text: az aks kms-vault-mode switch --mode Private -g MyResourceGroup -n MyManagedCluster --on-failure stop
"""

helps['aks kms-vault-mode resume'] = """
type: command
short-summary: 'Go on with a switch that was interrupted, from any state.'
long-summary: >
    What the cluster says of a run that began on another machine is only a hint: name its target with --mode.
examples:
  - name: 'Go on with an interrupted switch.'
    text: az aks kms-vault-mode resume -g MyResourceGroup -n MyManagedCluster
  - name: 'Go on with a switch that began on another machine.'
    text: az aks kms-vault-mode resume --mode Private -g MyResourceGroup -n MyManagedCluster
"""

helps['aks kms-vault-mode make-safe'] = """
type: command
short-summary: 'Go back to encrypted and readable, from any state.'
examples:
  - name: 'Have all Secrets encrypted and readable again.'
    text: az aks kms-vault-mode make-safe -g MyResourceGroup -n MyManagedCluster
"""

helps['aks kms-vault-mode rotate'] = """
type: command
short-summary: 'Move KMS to another version of its key, rewrite all Secrets and say which version must stay.'
long-summary: >
    Takes the newest enabled version of the key, or the one that is named or made. On the new KMS experience Azure
    takes a new version by itself within six hours; this waits for it and verifies every Secret.
examples:
  - name: 'Make a new version of the key and move KMS to it.'
    text: az aks kms-vault-mode rotate -g MyResourceGroup -n MyManagedCluster --new-version
  - name: 'Show what that would do, without changing anything.'
    text: az aks kms-vault-mode rotate -g MyResourceGroup -n MyManagedCluster --new-version --dry-run -o table
"""

helps['aks kms-vault-mode migrate'] = """
type: command
short-summary: 'Move the cluster to the new KMS experience, from which there is no way back.'
long-summary: >
    A cluster on the new KMS experience never goes back to the legacy one. Secrets are encrypted throughout, if they
    were before.
examples:
  - name: 'Have Azure''s own key encrypt Secrets.'
    text: az aks kms-vault-mode migrate -g MyResourceGroup -n MyManagedCluster --platform-managed
  - name: 'Keep the key in the vault.'
    text: az aks kms-vault-mode migrate -g MyResourceGroup -n MyManagedCluster --customer-managed
"""

helps['aks kms-vault-mode verify'] = """
type: command
short-summary: 'Gather evidence that Secrets are encrypted and readable. Only reads, unless --patch is given.'
examples:
  - name: 'Read the evidence.'
    text: az aks kms-vault-mode verify -g MyResourceGroup -n MyManagedCluster -o table
  - name: 'Send an empty patch to every Secret, to see that it is encrypted.'
    text: az aks kms-vault-mode verify -g MyResourceGroup -n MyManagedCluster --patch
"""

helps['aks kms-vault-mode list'] = """
type: command
short-summary: 'List the clusters of the subscription with their KMS mode.'
examples:
  - name: 'List clusters as a table.'
    text: az aks kms-vault-mode list -o table
  - name: 'Look into every subscription that can be read.'
    text: az aks kms-vault-mode list --all-subscriptions
"""

helps['aks kms-vault-mode history'] = """
type: command
short-summary: 'List the runs of this cluster, from this machine and from the cluster.'
examples:
  - name: 'List the runs of a cluster as a table.'
    text: az aks kms-vault-mode history -g MyResourceGroup -n MyManagedCluster -o table
"""

helps['aks kms-vault-mode report'] = """
type: command
short-summary: 'Show the report of a run.'
examples:
  - name: 'Show the report of the newest run.'
    text: az aks kms-vault-mode report -g MyResourceGroup -n MyManagedCluster
  - name: 'Show who made a run.'
    text: az aks kms-vault-mode report -g MyResourceGroup -n MyManagedCluster --run 3f2a --query context.author
"""
