# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""Which commands there are, and how each looks as a table."""

from azext_aks_kms_vault_mode import _tables


def load_command_table(self, _):
    """The table of commands."""
    with self.command_group('aks kms-vault-mode') as group:
        group.custom_show_command('show', 'show', table_transformer=_tables.show)
        group.custom_command('preflight', 'preflight', table_transformer=_tables.preflight)
        group.custom_command('switch', 'switch', table_transformer=_tables.plan_or_report)
        group.custom_command('resume', 'resume', table_transformer=_tables.report)
        group.custom_command('make-safe', 'make_safe', table_transformer=_tables.report)
        group.custom_command('verify', 'verify', table_transformer=_tables.verify)
        group.custom_command('list', 'list_clusters', table_transformer=_tables.clusters)
