# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""The arguments of the commands. Whatever their values mean is checked by the shim, for every front end alike."""

from azure.cli.core.commands.parameters import get_enum_type

CHANGES = ['switch', 'resume', 'make-safe']


def load_arguments(self, _):
    """Arguments by command."""
    with self.argument_context('aks kms-vault-mode') as context:
        context.argument('name', options_list=['--name', '-n'], help='Name of the managed cluster.')
        context.argument('mode', arg_type=get_enum_type(['Private', 'Public']),
                         help='The network mode for the vault.')
        context.argument('key_id',
                         help='The versioned key. For a switch without plaintext: a key in another vault, which has '
                         'the mode already. Otherwise: the key, if neither Azure nor the record shows it.')
        context.argument('key_vault_resource_id',
                         help='The resource id of the key\'s vault, if it is not found with your rights.')
        context.argument('file', options_list=['--file', '-f'],
                         help='Kubeconfig to use instead of the credentials that Azure gives out. '
                         'KUBECONFIG in the environment does the same.')
        context.argument('context', help='Context of the kubeconfig.')
        context.argument('admin', action='store_true',
                         help='Use the administrator\'s credentials that Azure gives out, which Entra does not limit.')
        context.argument('timeout', help='How long the command may run, such as 90m; then it stops, and '
                         'resume goes on. Unlimited by default.')
    for command in ['preflight', 'verify'] + CHANGES:
        with self.argument_context(f'aks kms-vault-mode {command}') as context:
            context.argument('concurrency', type=int, arg_group='Pace',
                             help='The most requests to the API server at a time. Default: 64.')
            context.argument('qps', type=float, arg_group='Pace',
                             help='The most requests to the API server per second. Unlimited by default.')
    for command in ['preflight'] + CHANGES:
        with self.argument_context(f'aks kms-vault-mode {command}') as context:
            context.argument('accept_unknown', nargs='+', arg_group='Acceptance',
                             help='Space-separated preflight checks whose answer may stay unknown.')
            context.argument('accept_failures', nargs='+', arg_group='Acceptance', arg_type=get_enum_type(
                ['denied', 'invalid']), help='Space-separated classes of failed Secrets that do not stop the job.')
            context.argument('accept_unproven_convergence', arg_group='Acceptance', action='store_true',
                             options_list=['--accept-unproven-convergence', '--accept-unproven'],
                             help='Go on although it is not proven that every API server has the new configuration.')
            context.argument('vault_shared_ok', arg_group='Acceptance', action='store_true',
                             help='Close the vault although other clusters use it as Public.')
    for command in CHANGES:
        with self.argument_context(f'aks kms-vault-mode {command}') as context:
            context.argument('yes', options_list=['--yes', '-y'], action='store_true',
                             help='Do not prompt for confirmation.')
            context.argument('soak', arg_group='Pace',
                             help='How long to watch after the vault was closed. Default: 10m, or 4m from the moment '
                             'when Key Vault is seen to be closed.')
            context.argument('operation_timeout', arg_group='Pace',
                             help='How long one Azure operation may take before it counts as unknown. Default: 60m.')
    for command in ['switch', 'resume']:
        with self.argument_context(f'aks kms-vault-mode {command}') as context:
            context.argument('on_failure', arg_type=get_enum_type(['make-safe', 'stop']),
                             help='If the switch cannot go on with KMS off: turn it on again (make-safe, the default) '
                             'or stop.')
    with self.argument_context('aks kms-vault-mode resume') as context:
        context.argument('run_id', help='The run to go on with, if there are two.')
        context.argument('mode', arg_type=get_enum_type(['Private', 'Public']),
                         help='The run\'s target. Needed for a run that began on another machine.')
    for command in ['switch', 'preflight']:
        with self.argument_context(f'aks kms-vault-mode {command}') as context:
            context.argument('close_vault_first', action='store_true',
                             help='The older order: close the vault while KMS is off. Riskier.')
    with self.argument_context('aks kms-vault-mode switch') as context:
        context.argument('dry_run', action='store_true', help='Show the plan and its id; change nothing.')
        context.argument('plan_id', help='Run only if the plan still has this id.')
    with self.argument_context('aks kms-vault-mode verify') as context:
        context.argument('patch', action='store_true',
                         help='Also run the verifying pass over all Secrets, under the lock.')
    with self.argument_context('aks kms-vault-mode list') as context:
        context.argument('all_subscriptions', options_list=['--all-subscriptions'], action='store_true',
                         help='Look into every subscription that can be read, not only the current one.')
