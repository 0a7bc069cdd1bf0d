# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""az aks kms-vault-mode: the network mode of the key vault behind an AKS cluster's KMS etcd encryption."""

from azure.cli.core import AzCommandsLoader

from azext_aks_kms_vault_mode._help import helps  # pylint: disable=unused-import


class KMSVaultModeCommandsLoader(AzCommandsLoader):
    """Loads the commands and their arguments; what they do is imported when one of them runs."""

    def __init__(self, cli_ctx=None):
        from azure.cli.core.commands import CliCommandType
        custom = CliCommandType(operations_tmpl='azext_aks_kms_vault_mode.custom#{}')
        super().__init__(cli_ctx=cli_ctx, custom_command_type=custom)

    def load_command_table(self, args):
        from azext_aks_kms_vault_mode.commands import load_command_table
        load_command_table(self, args)
        return self.command_table

    def load_arguments(self, command):
        from azext_aks_kms_vault_mode._params import load_arguments
        load_arguments(self, command)


COMMAND_LOADER_CLS = KMSVaultModeCommandsLoader
