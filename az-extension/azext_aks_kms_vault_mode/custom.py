# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""The commands: each asks the shim, and none decides anything.

Their arguments have the names that az wants to see in signatures; `_run` gives them those of the protocol.
"""

# pylint: disable=too-many-arguments,too-many-positional-arguments,unused-argument


def _run(cmd, command, given):
    from azext_aks_kms_vault_mode._shim import run
    return run(cmd, command, {_protocol_name(name): value for name, value in given.items() if name != 'cmd'})


def _protocol_name(name):
    """plan_id is planId; az has a name of its own for one argument."""
    first, *rest = name.replace('resource_group_name', 'resource_group').split('_')
    return first + ''.join(word.capitalize() for word in rest)


def show(cmd, resource_group_name, name, file=None, context=None, admin=False, timeout=None,
         key_vault_resource_id=None):
    """What is, and what to do next."""
    return _run(cmd, 'show', locals())


def preflight(cmd, resource_group_name, name, mode, key_id=None, close_vault_first=False, accept_unknown=None,
              accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None,
              qps=None, file=None, context=None, admin=False, timeout=None, key_vault_resource_id=None):
    """Everything that could make a switch fail."""
    return _run(cmd, 'preflight', locals())


def switch(cmd, resource_group_name, name, mode, dry_run=False, plan_id=None, key_id=None, close_vault_first=False,
           yes=False, soak=None, operation_timeout=None, accept_unknown=None, accept_failures=None,
           accept_unproven_convergence=False, vault_shared_ok=False, concurrency=None, qps=None, file=None,
           context=None, admin=False, timeout=None, key_vault_resource_id=None):
    """The whole job."""
    return _run(cmd, 'switch', locals())


def resume(cmd, resource_group_name, name, key_id=None, yes=False, soak=None, operation_timeout=None,
           accept_unknown=None, accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False,
           concurrency=None, qps=None, file=None, context=None, admin=False, timeout=None, key_vault_resource_id=None):
    """On to the target of the unfinished run."""
    return _run(cmd, 'resume', locals())


def make_safe(cmd, resource_group_name, name, key_id=None, yes=False, soak=None, operation_timeout=None,
              accept_unknown=None, accept_failures=None, accept_unproven_convergence=False, vault_shared_ok=False,
              concurrency=None, qps=None, file=None, context=None, admin=False, timeout=None,
              key_vault_resource_id=None):
    """Back to encrypted and readable."""
    return _run(cmd, 'make-safe', locals())


def verify(cmd, resource_group_name, name, patch=False, concurrency=None, qps=None, file=None, context=None,
           admin=False, timeout=None, key_vault_resource_id=None):
    """Evidence."""
    return _run(cmd, 'verify', locals())


def list_clusters(cmd, all_subscriptions=False):
    """The clusters, with a warning for each subscription that could not be read."""
    result = _run(cmd, 'list', locals())
    from knack.log import get_logger
    from azext_aks_kms_vault_mode._text import printable
    for line in result['unreadable']:
        get_logger(__name__).warning('Not readable: %s', printable(line))
    return result['clusters']
