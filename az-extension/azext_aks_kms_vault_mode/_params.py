# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
# Generated from Sources/Shared/Usage by UPDATE_DOCS=1 swift test --filter GeneratedFilesTests. Do not edit.
"""The arguments of the commands. Whatever their values mean is checked by the shim, for every front end alike."""

from azure.cli.core.commands.parameters import get_enum_type

# Commands, the argument, and what az is to know of it.
ARGUMENTS = [
    (['show', 'preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify', 'history',
      'report'], 'name', {
        'options_list': ['--name', '-n'],
        'help': 'Name of the managed cluster.',
    }),
    (['show', 'preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify', 'history',
      'report'], 'file', {
        'options_list': ['--file', '-f'],
        'help': 'Kubeconfig to use instead of the credentials that Azure gives out. KUBECONFIG in the environment '
                'does the same.',
    }),
    (['show', 'preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify', 'history',
      'report'], 'context', {
        'help': 'Context of the kubeconfig.',
    }),
    (['show', 'preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify', 'history',
      'report'], 'admin', {
        'action': 'store_true',
        'help': 'Use the administrator\'s credentials that Azure gives out, which Entra does not limit.',
    }),
    (['show', 'preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify', 'history',
      'report'], 'timeout', {
        'help': 'How long the command may run; then it stops, and resume goes on. Unlimited by default.',
    }),
    (['show', 'preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify',
      'history', 'report'], 'key_vault_resource_id', {
        'help': 'The ARM id of the key\'s vault, if it is not found with your rights.',
    }),
    (['preflight', 'switch'], 'mode', {
        'arg_type': get_enum_type(['Private', 'Public']),
        'help': 'The network mode for the vault.',
    }),
    (['preflight', 'switch'], 'key_id', {
        'help': 'A versioned key; in another vault, already in the target mode, for a switch without plaintext.',
    }),
    (['preflight', 'switch'], 'close_vault_first', {
        'action': 'store_true',
        'help': 'The older order: close the vault while KMS is off. Riskier.',
    }),
    (['preflight', 'switch', 'resume'], 'engine', {
        'arg_type': get_enum_type(['auto', 'svm']),
        'help': 'Who rewrites all Secrets: auto (this program) or svm (the cluster, by a StorageVersionMigration). '
                'Default: auto.',
    }),
    (['preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'accept_unknown', {
        'nargs': '+',
        'arg_group': 'Acceptance',
        'help': 'Space-separated preflight checks whose answer may stay unknown.',
    }),
    (['preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'accept_failures', {
        'arg_type': get_enum_type(['denied', 'invalid']),
        'nargs': '+',
        'arg_group': 'Acceptance',
        'help': 'Space-separated classes of failed Secrets that do not stop the job.',
    }),
    (['preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'accept_unproven_convergence', {
        'options_list': ['--accept-unproven-convergence', '--accept-unproven'],
        'action': 'store_true',
        'arg_group': 'Acceptance',
        'help': 'Go on although it is not proven that every API server has the new configuration.',
    }),
    (['preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'vault_shared_ok', {
        'action': 'store_true',
        'arg_group': 'Acceptance',
        'help': 'Close the vault although other clusters use it as Public.',
    }),
    (['preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify'], 'concurrency', {
        'type': int,
        'arg_group': 'Pace',
        'help': 'The most requests to the API server at a time; more than 64 only as far as they are on their way. '
                'Default: 400.',
    }),
    (['preflight', 'switch', 'resume', 'make-safe', 'rotate', 'migrate', 'verify'], 'qps', {
        'type': float,
        'arg_group': 'Pace',
        'help': 'The most requests to the API server per second; unlimited by default.',
    }),
    (['switch'], 'vault_firewall', {
        'action': 'store_true',
        'help': 'On the new KMS experience: close the vault by its firewall, which keeps the networks that it names.',
    }),
    (['switch', 'migrate'], 'via_platform_key', {
        'action': 'store_true',
        'help': 'On the new KMS experience, if Azure refuses the direct way: by way of Azure\'s own key.',
    }),
    (['switch', 'rotate', 'migrate'], 'dry_run', {
        'action': 'store_true',
        'help': 'Print the plan and its id; change nothing.',
    }),
    (['switch', 'rotate', 'migrate'], 'plan_id', {
        'help': 'Run only if the plan still has this id.',
    }),
    (['switch', 'resume'], 'on_failure', {
        'arg_type': get_enum_type(['make-safe', 'stop']),
        'help': 'If the switch cannot go on with KMS off: make-safe (turn it on again) or stop. Default: make-safe.',
    }),
    (['switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'report', {
        'help': 'Write the report to this file as well, whatever the end: JSON, or a page if it ends with .html.',
    }),
    (['switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'keep', {
        'type': int,
        'help': 'How many reports of this cluster\'s runs stay on this machine. Default: 50.',
    }),
    (['switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'yes', {
        'options_list': ['--yes', '-y'],
        'action': 'store_true',
        'help': 'Do not prompt for confirmation.',
    }),
    (['switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'soak', {
        'arg_group': 'Pace',
        'help': 'How long to watch after the vault was closed; 4m are enough once Key Vault was seen to be closed. '
                'Default: 10m.',
    }),
    (['switch', 'resume', 'make-safe', 'rotate', 'migrate'], 'operation_timeout', {
        'arg_group': 'Pace',
        'help': 'How long one Azure operation may take before it counts as unknown. Default: 60m.',
    }),
    (['resume'], 'mode', {
        'arg_type': get_enum_type(['Private', 'Public']),
        'help': 'The run\'s target. Needed for a run that began on another machine.',
    }),
    (['resume'], 'run_id', {
        'help': 'The run to go on with, if there are two.',
    }),
    (['resume', 'make-safe'], 'key_id', {
        'help': 'The versioned key, if neither Azure nor the record shows it.',
    }),
    (['rotate'], 'key_id', {
        'help': 'The version to rotate to; the newest enabled one by default.',
    }),
    (['rotate'], 'new_version', {
        'action': 'store_true',
        'help': 'Make a new version of the key in Key Vault and rotate to it.',
    }),
    (['rotate'], 'wait', {
        'help': 'How long Azure may take to notice the new version, on the new KMS experience. Default: 6h.',
    }),
    (['migrate'], 'platform_managed', {
        'action': 'store_true',
        'help': 'Encrypt Secrets with a key that Azure manages.',
    }),
    (['migrate'], 'customer_managed', {
        'action': 'store_true',
        'help': 'Encrypt Secrets with your key in your vault, in the mode that KMS has.',
    }),
    (['migrate'], 'key_id', {
        'help': 'The key, if it is not the one that KMS uses already.',
    }),
    (['verify'], 'patch', {
        'action': 'store_true',
        'help': 'Also run the verifying pass over all Secrets, under the lock.',
    }),
    (['list'], 'all_subscriptions', {
        'options_list': ['--all-subscriptions'],
        'action': 'store_true',
        'help': 'Look into every subscription that can be read, not only the current one.',
    }),
    (['report'], 'run', {
        'help': 'The run\'s id, or the beginning of it; the newest run if it is not given.',
    }),
]


def load_arguments(self, _):
    """Arguments by command."""
    for commands, name, settings in ARGUMENTS:
        for command in commands:
            with self.argument_context(f'aks kms-vault-mode {command}') as context:
                context.argument(name, **settings)
