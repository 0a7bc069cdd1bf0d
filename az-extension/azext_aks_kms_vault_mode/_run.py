# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""What every command does: it asks the shim, with the arguments by their names in the protocol."""


def run(cmd, command, given):
    """The result of a command. Its arguments have the names that az wants to see in signatures."""
    from azext_aks_kms_vault_mode import _shim
    result = _shim.run(cmd, command, {protocol_name(name): value for name, value in given.items() if name != 'cmd'})
    return _listed(result) if command == 'list' else result


def protocol_name(name):
    """plan_id is planId; az has a name of its own for one argument."""
    first, *rest = name.replace('resource_group_name', 'resource_group').split('_')
    return first + ''.join(word.capitalize() for word in rest)


def _listed(result):
    """The clusters, with a warning for each subscription that could not be read."""
    from knack.log import get_logger
    from azext_aks_kms_vault_mode._text import printable
    for line in result['unreadable']:
        get_logger(__name__).warning('Not readable: %s', printable(line))
    return result['clusters']
