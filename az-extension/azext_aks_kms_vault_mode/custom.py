# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""The commands: each asks the shim, and none decides anything."""

# pylint: disable=too-many-arguments,too-many-positional-arguments,too-many-locals


def _run(cmd, command, **arguments):
    from azext_aks_kms_vault_mode._shim import run
    return run(cmd, command, arguments)


def show(cmd, resource_group_name, name, file=None, context=None, admin=False, timeout=None):
    """What is, and what to do next."""
    return _run(cmd, 'show', resourceGroup=resource_group_name, name=name, file=file, context=context, admin=admin,
                timeout=timeout)


def preflight(cmd, resource_group_name, name, mode, key_id=None, close_vault_first=False, accept_unknown=None,
              accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None,
              qps=None, file=None, context=None, admin=False, timeout=None):
    """Everything that could make a switch fail."""
    return _run(cmd, 'preflight', resourceGroup=resource_group_name, name=name, mode=mode, keyId=key_id,
                closeVaultFirst=close_vault_first, acceptUnknown=accept_unknown, acceptFailures=accept_failures,
                acceptUnprovenConvergence=accept_unproven_convergence, vaultSharedOk=vault_shared_ok,
                concurrency=concurrency, qps=qps, file=file, context=context, admin=admin, timeout=timeout)


def switch(cmd, resource_group_name, name, mode, dry_run=False, plan_id=None, key_id=None, close_vault_first=False,
           yes=False, soak=None, operation_timeout=None, accept_unknown=None, accept_failures=None,
           accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None, qps=None, file=None,
           context=None, admin=False, timeout=None):
    """The whole job."""
    return _run(cmd, 'switch', resourceGroup=resource_group_name, name=name, mode=mode, dryRun=dry_run,
                planId=plan_id, keyId=key_id, closeVaultFirst=close_vault_first, yes=yes, soak=soak,
                operationTimeout=operation_timeout, acceptUnknown=accept_unknown, acceptFailures=accept_failures,
                acceptUnprovenConvergence=accept_unproven_convergence, vaultSharedOk=vault_shared_ok,
                concurrency=concurrency, qps=qps, file=file, context=context, admin=admin, timeout=timeout)


def resume(cmd, resource_group_name, name, key_id=None, yes=False, soak=None, operation_timeout=None,
           accept_unknown=None, accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False,
           concurrency=None, qps=None, file=None, context=None, admin=False, timeout=None):
    """On to the target of the unfinished run."""
    return _run(cmd, 'resume', resourceGroup=resource_group_name, name=name, keyId=key_id, yes=yes, soak=soak,
                operationTimeout=operation_timeout, acceptUnknown=accept_unknown, acceptFailures=accept_failures,
                acceptUnprovenConvergence=accept_unproven_convergence, vaultSharedOk=vault_shared_ok,
                concurrency=concurrency, qps=qps, file=file, context=context, admin=admin, timeout=timeout)


def make_safe(cmd, resource_group_name, name, key_id=None, yes=False, soak=None, operation_timeout=None,
              accept_unknown=None, accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False,
              concurrency=None, qps=None, file=None, context=None, admin=False, timeout=None):
    """Back to encrypted and readable."""
    return _run(cmd, 'make-safe', resourceGroup=resource_group_name, name=name, keyId=key_id, yes=yes, soak=soak,
                operationTimeout=operation_timeout, acceptUnknown=accept_unknown, acceptFailures=accept_failures,
                acceptUnprovenConvergence=accept_unproven_convergence, vaultSharedOk=vault_shared_ok,
                concurrency=concurrency, qps=qps, file=file, context=context, admin=admin, timeout=timeout)


def verify(cmd, resource_group_name, name, patch=False, concurrency=None, qps=None, file=None, context=None,
           admin=False, timeout=None):
    """Evidence."""
    return _run(cmd, 'verify', resourceGroup=resource_group_name, name=name, patch=patch, concurrency=concurrency,
                qps=qps, file=file, context=context, admin=admin, timeout=timeout)


def list_clusters(cmd, all_subscriptions=False):
    """The clusters, with a warning for each subscription that could not be read."""
    from knack.log import get_logger
    result = _run(cmd, 'list', allSubscriptions=all_subscriptions)
    for line in result['unreadable']:
        get_logger(__name__).warning('Not readable: %s', line)
    return result['clusters']
