# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""The conversation with az-kms-vault-shim: JSON lines over its standard input and output (docs/shim-protocol.md)."""
import json
import os
import signal
import subprocess
import sys

from knack.log import get_logger

from azext_aks_kms_vault_mode._text import printable
from azext_aks_kms_vault_mode._version import VERSION
from azext_aks_kms_vault_mode.commands import CHANGES

logger = get_logger(__name__)

PROTOCOL = 1
NAME = 'az-kms-vault-shim'
# Secrets of one pass that get a line each.
NAMED_FAILURES = 20
# Events that are lines of their own.
UNSHOWN = ('warning', 'secretFailed', 'trace', 'note')


def run(cmd, command, arguments):
    """Runs one command and returns its result; raises az's errors."""
    from azure.cli.core._profile import Profile
    from azure.cli.core.azclierror import AzCLIError
    from azure.cli.core.commands.client_factory import get_subscription_id
    from azext_aks_kms_vault_mode._tokens import TokenBroker

    subscription = get_subscription_id(cmd.cli_ctx)
    broker = TokenBroker(Profile(cli_ctx=cmd.cli_ctx), subscription)
    if logger.isEnabledFor(10):
        arguments['verbose'] = True
    endpoints = cmd.cli_ctx.cloud.endpoints
    request = {
        'type': 'request', 'protocol': PROTOCOL, 'version': VERSION, 'command': command,
        'cloud': {
            'name': cmd.cli_ctx.cloud.name, 'resourceManager': endpoints.resource_manager,
            'activeDirectory': endpoints.active_directory,
            'resourceManagerAudience': endpoints.active_directory_resource_id,
            'keyVaultSuffix': cmd.cli_ctx.cloud.suffixes.keyvault_dns,
        },
        'subscription': subscription, 'tenant': broker.tenant,
        'arguments': {name: value for name, value in arguments.items() if value is not None and value is not False},
    }
    changes = command in CHANGES or bool(arguments.get('patch'))
    conversation = Conversation(cmd.cli_ctx, _program(), broker, _progress(cmd.cli_ctx))
    with conversation:
        try:
            last = conversation.hold(request)
        except AzCLIError:
            raise
        except BaseException:
            # Whatever it is, the shim may have changed something before: that is not az's 1, "nothing is plaintext".
            _leave_with(cmd.cli_ctx, 4 if changes else 1, after_output=False)
            raise
        return _result(cmd.cli_ctx, last, conversation.exit_status, arguments, changes)


def _program():
    """The shim in the wheel, else on PATH."""
    import shutil
    from azure.cli.core.azclierror import FileOperationError
    packed = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bin', NAME)
    found = packed if os.access(packed, os.X_OK) else shutil.which(NAME)
    if not found:
        error = FileOperationError(f'{NAME} is not installed: this wheel of the extension comes without it.')
        error.set_recommendation(f'Put {NAME} {VERSION} on PATH, or install the wheel for this platform.')
        raise error
    return found


def _progress(cli_ctx):
    """How progress is shown: az's bar on a terminal, plain lines elsewhere, nothing where az is told to be quiet."""
    if cli_ctx.only_show_errors or cli_ctx.config.getboolean('core', 'disable_progress_bar', False):
        return None
    if sys.stderr.isatty():
        from azure.cli.core.commands.progress import IndeterminateProgressBar
        return _Bar(IndeterminateProgressBar(cli_ctx, message='Starting'))
    return _Lines()


class _Bar:
    """az's progress bar with the step in it."""

    def __init__(self, shown):
        self._bar = shown
        self._bar.begin()

    def show(self, line, _):
        """The newest line, cut to one line of the terminal. A terminal that is gone stops nobody."""
        import shutil
        # az draws its spinner before the text and erases one line only.
        room = max(20, shutil.get_terminal_size().columns - 10)
        if len(line) > room:
            line = line[:room - 3] + '...'
        try:
            self._bar.hook.add(message=line)
        except OSError:
            pass

    def end(self):
        """Takes it away."""
        try:
            self._bar.stop()
        except OSError:
            pass


class _Lines:
    """A line for each step."""

    def __init__(self):
        self._last = None

    def show(self, line, event):
        """The line, where a step begins."""
        if event.get('event') == 'step' and line != self._last:
            self._last = line
            try:
                print(line, file=sys.stderr, flush=True)
            except OSError:
                # A log that cannot be written stops nobody.
                pass

    def end(self):
        """Nothing stays to be taken away."""


class Conversation:  # pylint: disable=too-few-public-methods,too-many-instance-attributes
    """One run of the shim."""

    def __init__(self, cli_ctx, program, broker, progress):
        self._cli_ctx = cli_ctx
        self._broker = broker
        self._progress = progress
        self.exit_status = None
        self._failures = 0
        # Whether an interrupt may end what is going on: a question to the person, or to Entra.
        self._is_asking = False
        self._handler = None
        # Interrupts of the terminal go to az alone, which passes them on and waits for the shim to end in good order.
        # Nothing secret goes by arguments or environment.
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def __enter__(self):
        """Interrupts are passed on, and raise nothing: an exception between two steps would lose how the run ended."""
        self._handler = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, *_):
        signal.signal(signal.SIGINT, self._handler)

    def hold(self, request):
        """Sends the request, answers what the shim asks, and returns its last message; None if it died without one."""
        last = None
        try:
            while (message := self._read()) is not None:
                last = self._take(message, request) or last
        finally:
            self._end_failures()
            if self._progress:
                self._progress.end()
            last = self._close(last)
        return last

    def _on_interrupt(self, _number, _frame):
        logger.warning('Stopping in good order; interrupt again to stop at once.')
        self._end(signal.SIGINT)
        if self._is_asking:
            raise KeyboardInterrupt

    def _ask(self, message):
        """What answers the shim. An interrupt ends the asking: the shim must not wait for an answer."""
        is_token = message['type'] == 'tokenRequest'
        try:
            self._is_asking = True
            if is_token:
                answer = self._broker.answer(message)
            else:
                answer = {'type': 'confirmation', 'id': message['id'], 'agrees': self._confirm(message['prompt'])}
            self._is_asking = False
        except KeyboardInterrupt:
            self._is_asking = False
            if is_token:
                answer = {'type': 'tokenError', 'id': message['id'], 'kind': 'failed', 'message': 'it was interrupted'}
            else:
                answer = {'type': 'confirmation', 'id': message['id'], 'agrees': False}
        return answer

    def _take(self, message, request):
        """Does what a message asks for; returns it if it is the last one."""
        kind = message.get('type')
        if kind in ('result', 'error'):
            return message
        if kind == 'hello':
            if message.get('protocol') != PROTOCOL:
                raise _mismatch(message)
            self._send(request)
        elif kind == 'progress':
            self._show(message)
        elif kind in ('tokenRequest', 'confirmRequest'):
            self._send(self._ask(message))
        elif kind in ('warning', 'note'):
            logger.warning('%s', printable(message['text']))
        return None

    def _show(self, message):
        event = message.get('event') or {}
        kind = event.get('event')
        if kind == 'warning':
            logger.warning('%s', printable(event.get('text')))
        elif kind == 'secretFailed':
            self._failures += 1
            # Ten thousand lines would push everything else off the screen.
            (logger.warning if self._failures <= NAMED_FAILURES else logger.info)('%s', printable(
                f"Not rewritten: {event.get('namespace')}/{event.get('name') or '(the list)'}: {event.get('outcome')}, "
                f"{event.get('detail') or event.get('cause')}"))
        elif kind in ('trace', 'note'):
            (logger.debug if kind == 'trace' else logger.info)('%s', printable(event.get('text')))
        elif kind == 'step':
            self._end_failures()
        if self._progress and message.get('line') and kind not in UNSHOWN:
            self._progress.show(printable(message['line']), event)

    def _end_failures(self):
        """Says how many Secrets had no line of their own in the pass that is over."""
        if self._failures > NAMED_FAILURES:
            logger.warning('Not rewritten: and %d more (--verbose names all of them)', self._failures - NAMED_FAILURES)
        self._failures = 0

    def _confirm(self, prompt):
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            from azure.cli.core.azclierror import RequiredArgumentMissingError
            missing = RequiredArgumentMissingError(
                'This is not a terminal, so the plan cannot be confirmed. Nothing was changed.')
            missing.set_recommendation('Add --yes to start without a question; --dry-run shows the plan.')
            _leave_with(self._cli_ctx, 2, after_output=False)
            raise missing
        if self._progress:
            self._progress.end()
        # Standard output is the result's: az's own prompt would go there if it is redirected.
        print(printable(prompt), file=sys.stderr)
        answer = None
        while answer not in ('', 'n', 'no', 'y', 'yes'):
            print('Begin? (y/N): ', end='', file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            answer = line.strip().lower() if line else 'n'
        self._progress = _progress(self._cli_ctx)
        return answer in ('y', 'yes')

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            return None
        try:
            return json.loads(line)
        except ValueError:
            # Half a line is what a killed program leaves.
            return {}

    def _send(self, message):
        try:
            self._process.stdin.write(json.dumps(message).encode() + b'\n')
            self._process.stdin.flush()
        except OSError:
            # It has ended; what it left is read next.
            pass

    def _end(self, number):
        try:
            self._process.send_signal(number)
        except OSError:
            pass

    def _close(self, last):
        """Leaves the shim time to come to its end, which it does when its standard input closes; returns its last word.

        What it says until then is read: a full pipe would hold it up for ever.
        """
        try:
            self._process.stdin.close()
        except OSError:
            pass
        while (message := self._read()) is not None:
            if message.get('type') in ('result', 'error'):
                last = message
        self._process.wait()
        self.exit_status = self._process.returncode
        return last


def _mismatch(hello):
    from azure.cli.core.azclierror import CLIInternalError
    error = CLIInternalError(
        f"{NAME} {hello.get('version')} speaks protocol {hello.get('protocol')}, and this extension ({VERSION}) "
        f'protocol {PROTOCOL}. Nothing was changed.')
    error.set_recommendation('Install both in the same version.')
    return error


def _result(cli_ctx, last, status, arguments, changes):
    if last is None:
        raise _died(cli_ctx, status, arguments, changes)
    code = last['exitCode']
    if last['type'] == 'error':
        _leave_with(cli_ctx, code, after_output=False)
        raise _error(last['problem'])
    if code:
        _leave_with(cli_ctx, code, after_output=True, problem=last.get('problem'))
    return last['result']


def _leave_with(cli_ctx, code, after_output, problem=None):
    """az's own exit codes tell 1 from 2 and 3; ours also tell whether Secrets may be plaintext."""
    from knack.events import EVENT_CLI_POST_EXECUTE, EVENT_CLI_SUCCESSFUL_EXECUTE

    def explain(_, **__):
        try:
            if problem:
                _error(problem).print_error()
        finally:
            sys.exit(code)

    def leave(_, **__):
        sys.exit(code)

    if after_output:
        cli_ctx.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, explain)
    # Also where the result could not be printed.
    cli_ctx.register_event(EVENT_CLI_POST_EXECUTE, leave)


def _error(problem):
    """az's class of error for a problem, with the next command as its recommendation."""
    from azure.cli.core import azclierror
    kind = {
        'usage': azclierror.InvalidArgumentValueError, 'azure': azclierror.AzureResponseError,
        'azure-credential': azclierror.AuthenticationError, 'kubernetes-credential': azclierror.AuthenticationError,
        'api-server-unreachable': azclierror.AzureConnectionError, 'kubernetes': azclierror.AzureConnectionError,
        'kubeconfig': azclierror.FileOperationError, 'journal': azclierror.FileOperationError,
        'preflight': azclierror.ValidationError, 'refused': azclierror.ValidationError,
        'lock-held': azclierror.ValidationError, 'interrupted': azclierror.ManualInterrupt,
        'declined': azclierror.ManualInterrupt,
        'protocol-mismatch': azclierror.CLIInternalError,
    }.get(problem['id'], azclierror.AzureResponseError)
    error = kind(printable(f"{problem['what']}\n{problem['state']} ({problem['id']})"))
    error.set_recommendation([line for line in printable(problem['next']).splitlines() if line.strip()])
    return error


def _died(cli_ctx, status, arguments, changes):
    """The shim ended without a word: killed, or it crashed. What it began, the journal and the cluster know."""
    from azure.cli.core.azclierror import CLIInternalError
    how = f'was ended by signal {-status}' if status and status < 0 else f'ended with status {status}'
    state = ('If it had begun to change anything, Secrets may be PLAINTEXT in etcd now.'
             if changes else 'This command changes nothing.')
    error = CLIInternalError(f'{NAME} {how} without a result. {state}')
    place = f"-g {arguments.get('resourceGroup')} -n {arguments.get('name')}"
    if changes:
        error.set_recommendation([f'az aks kms-vault-mode show {place}', f'az aks kms-vault-mode resume {place}'])
    _leave_with(cli_ctx, 4 if changes else 1, after_output=False)
    return error
