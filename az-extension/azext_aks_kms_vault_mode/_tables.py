# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""Tables for `-o table`: the members that a person looks at first."""
from collections import OrderedDict

from azext_aks_kms_vault_mode._text import printable


def _row(*pairs):
    return OrderedDict((name, '' if value is None else printable(value)) for name, value in pairs)


def _kms(enabled, mode):
    return f'on, {mode}' if enabled else 'off'


def _encryption(result):
    """Which of the five states of KMS a cluster is in, or unknown; the legacy KMS has a mode besides."""
    mode = result.get('kmsMode')
    return f"{result['encryption']}, {mode}" if result['encryption'] == 'legacy-on' and mode else result['encryption']


def _seconds(value):
    """Whole seconds; nothing where there is no number."""
    return None if value is None else round(value)


def show(result):
    """The cluster in one row."""
    return _row(
        ('Cluster', result['cluster'].rsplit('/', 1)[-1]), ('State', result['provisioningState']),
        ('KMS', _encryption(result)), ('Vault', result['vault']),
        ('VaultAccess', result['vaultAccess']), ('Secrets', result['secretsAtRest']), ('Next', result['advice']))


def preflight(result):
    """A row for each check that has something to say."""
    return [
        _row(('Verdict', 'REFUSE' if check.get('blocks') else check['verdict']), ('Check', check['id']),
             ('Reason', check['reason']))
        for check in result['checks'] if check['verdict'] != 'notApplicable']


def report(result):
    """The outcome of a run in one row."""
    exposure = result.get('exposure') or {}
    return _row(
        ('Cluster', result['cluster'].rsplit('/', 1)[-1]), ('Verdict', result['verdict']),
        ('Secrets', result['secretsAtRest']),
        ('KMS', _kms(result['kms']['enabled'], result['kms'].get('mode'))), ('VaultAccess', result['vaultAccess']),
        ('ExposedSeconds', _seconds(exposure.get('seconds'))), ('Run', result['runID']))


def history(result):
    """A row for each run that is known."""
    return [
        _row(('Run', run['runID']), ('Started', run['startedAt']), ('Command', run['command']),
             ('KMS', f"{run['from']} -> {run['to']}"), ('Verdict', run['verdict']), ('Secrets', run['secretsAtRest']),
             ('ExposedSeconds', _seconds(run.get('exposureSeconds'))), ('By', run['author']))
        for run in result['runs']]


def plan_or_report(result):
    """The steps of a plan (`--dry-run`), else the outcome."""
    if 'steps' not in result:
        return report(result)
    rows = [
        _row(('Step', step['number']), ('What', step['title']), ('Seconds', round(step['expectedSeconds'])),
             ('Secrets', 'done' if step.get('isDone') else 'plaintext' if step['exposed'] else ''))
        for step in result['steps']]
    exposed = round(result['exposureSeconds'])
    total = round(sum(step['expectedSeconds'] for step in result['steps']))
    return rows + [
        _row(('Step', ''), ('What', 'In all'), ('Seconds', total),
             ('Secrets', f'plaintext for {exposed} s' if exposed else 'never plaintext')),
        _row(('Step', ''), ('What', f"Plan {result['planID']}"), ('Seconds', ''), ('Secrets', ''))]


def verify(result):
    """The verdict with its reason, then a row for each piece of evidence."""
    return [_row(('Evidence', 'all together'), ('Verdict', result['verdict']), ('Detail', result['reason']))] + [
        _row(('Evidence', item['id']), ('Verdict', item['verdict']), ('Detail', item['detail']))
        for item in result['items']]


def clusters(result):
    """A row for each cluster."""
    return [
        _row(('Name', cluster['name']), ('ResourceGroup', cluster['resourceGroup']),
             ('KMS', cluster['encryption']), ('Mode', cluster['kmsMode']), ('Key', cluster['keyID']),
             ('VaultAccess', cluster.get('vaultAccess')), ('State', cluster['provisioningState']))
        for cluster in result]
