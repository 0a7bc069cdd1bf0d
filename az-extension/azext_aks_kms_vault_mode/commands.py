# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
# Generated from Sources/Shared/Usage by UPDATE_DOCS=1 swift test --filter GeneratedFilesTests. Do not edit.
"""Which commands there are, and how each looks as a table."""

from azext_aks_kms_vault_mode import _tables

# Those that change a cluster.
CHANGES = ['switch', 'resume', 'make-safe', 'rotate', 'migrate']


def load_command_table(self, _):
    """The table of commands."""
    with self.command_group('aks kms-vault-mode') as group:
        group.custom_show_command('show', 'run_show', table_transformer=_tables.show)
        group.custom_command('preflight', 'run_preflight', table_transformer=_tables.preflight)
        group.custom_command('switch', 'run_switch', table_transformer=_tables.plan_or_report)
        group.custom_command('resume', 'run_resume', table_transformer=_tables.report)
        group.custom_command('make-safe', 'run_make_safe', table_transformer=_tables.report)
        group.custom_command('rotate', 'run_rotate', table_transformer=_tables.plan_or_report)
        group.custom_command('migrate', 'run_migrate', table_transformer=_tables.plan_or_report)
        group.custom_command('verify', 'run_verify', table_transformer=_tables.verify)
        group.custom_command('list', 'run_list', table_transformer=_tables.clusters)
        group.custom_command('history', 'run_history', table_transformer=_tables.history)
        group.custom_command('report', 'run_report', table_transformer=_tables.report)
