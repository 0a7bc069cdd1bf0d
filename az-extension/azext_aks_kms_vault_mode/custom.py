# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
# Generated from Sources/Shared/Usage by UPDATE_DOCS=1 swift test --filter GeneratedFilesTests. Do not edit.
"""The commands: each asks the shim, and none decides anything."""

# pylint: disable=too-many-arguments,too-many-locals,too-many-positional-arguments,unused-argument

from azext_aks_kms_vault_mode import _run


def run_show(cmd, resource_group_name, name, file=None, context=None, admin=False, timeout=None,
             key_vault_resource_id=None):
    """Show the cluster's KMS mode, its key and vault, an unfinished run, and what to do next."""
    return _run.run(cmd, 'show', locals())


def run_preflight(cmd, resource_group_name, mode, name, key_id=None, close_vault_first=False, engine=None,
                  accept_unknown=None, accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False,
                  concurrency=None, qps=None, file=None, context=None, admin=False, timeout=None,
                  key_vault_resource_id=None):
    """Check everything that could make a switch fail; changes nothing."""
    return _run.run(cmd, 'preflight', locals())


def run_switch(cmd, resource_group_name, mode, name, key_id=None, close_vault_first=False, vault_firewall=False,
               via_platform_key=False, dry_run=False, plan_id=None, on_failure=None, engine=None, report=None,
               keep=None, yes=False, soak=None, operation_timeout=None, accept_unknown=None, accept_failures=None,
               accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None, qps=None, file=None,
               context=None, admin=False, timeout=None, key_vault_resource_id=None):
    """Switch the vault to private or public: the whole job."""
    return _run.run(cmd, 'switch', locals())


def run_resume(cmd, resource_group_name, name, mode=None, run_id=None, key_id=None, on_failure=None, engine=None,
               report=None, keep=None, yes=False, soak=None, operation_timeout=None, accept_unknown=None,
               accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None,
               qps=None, file=None, context=None, admin=False, timeout=None, key_vault_resource_id=None):
    """Go on with a switch that was interrupted, from any state."""
    return _run.run(cmd, 'resume', locals())


def run_make_safe(cmd, resource_group_name, name, key_id=None, report=None, keep=None, yes=False, soak=None,
                  operation_timeout=None, accept_unknown=None, accept_failures=None, accept_unproven_convergence=False,
                  vault_shared_ok=False, concurrency=None, qps=None, file=None, context=None, admin=False,
                  timeout=None, key_vault_resource_id=None):
    """Go back to encrypted and readable, from any state."""
    return _run.run(cmd, 'make-safe', locals())


def run_rotate(cmd, resource_group_name, name, key_id=None, new_version=False, wait=None, dry_run=False, plan_id=None,
               report=None, keep=None, yes=False, soak=None, operation_timeout=None, accept_unknown=None,
               accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None,
               qps=None, file=None, context=None, admin=False, timeout=None, key_vault_resource_id=None):
    """Move KMS to another version of its key, rewrite all Secrets and say which version must stay."""
    return _run.run(cmd, 'rotate', locals())


def run_migrate(cmd, resource_group_name, name, platform_managed=False, customer_managed=False, key_id=None,
                via_platform_key=False, dry_run=False, plan_id=None, report=None, keep=None, yes=False, soak=None,
                operation_timeout=None, accept_unknown=None, accept_failures=None, accept_unproven_convergence=False,
                vault_shared_ok=False, concurrency=None, qps=None, file=None, context=None, admin=False, timeout=None,
                key_vault_resource_id=None):
    """Move the cluster to the new KMS experience, from which there is no way back."""
    return _run.run(cmd, 'migrate', locals())


def run_verify(cmd, resource_group_name, name, patch=False, concurrency=None, qps=None, file=None, context=None,
               admin=False, timeout=None, key_vault_resource_id=None):
    """Gather evidence that Secrets are encrypted and readable. Only reads, unless --patch is given."""
    return _run.run(cmd, 'verify', locals())


def run_list(cmd, all_subscriptions=False):
    """List the clusters of the subscription with their KMS mode."""
    return _run.run(cmd, 'list', locals())


def run_history(cmd, resource_group_name, name, file=None, context=None, admin=False, timeout=None,
                key_vault_resource_id=None):
    """List the runs of this cluster, from this machine and from the cluster."""
    return _run.run(cmd, 'history', locals())


def run_report(cmd, resource_group_name, name, run=None, file=None, context=None, admin=False, timeout=None,
               key_vault_resource_id=None):
    """Show the report of a run."""
    return _run.run(cmd, 'report', locals())
