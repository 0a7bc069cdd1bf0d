"""The conversation with the shim, with programs that stand in for it. script/check-az-extension runs this."""
# pylint: disable=missing-function-docstring,missing-class-docstring
import inspect
import json
import os
import signal
import stat
import sys
import tempfile
import unittest
from types import SimpleNamespace
from unittest import mock

from knack.events import EVENT_CLI_POST_EXECUTE, EVENT_CLI_SUCCESSFUL_EXECUTE

from azext_aks_kms_vault_mode import _run, _shim, _tables, _text, _tokens, custom

HEAD = f'''#!{sys.executable}
import json, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: None)
def say(**message): print(json.dumps(message), flush=True)
def hear(): return json.loads(sys.stdin.readline() or "null")
say(type="hello", protocol=1, version="0")
request = hear()
'''
REQUEST = {'type': 'request', 'command': 'switch'}


class Broker:
    def __init__(self, answer=None):
        self.answered = []
        self._answer = answer

    def answer(self, request):
        self.answered.append(request)
        if self._answer is None:
            os.kill(os.getpid(), signal.SIGINT)
        return {'type': 'token', 'id': request['id'], **self._answer}


class Context:
    only_show_errors = True

    def __init__(self):
        self.events = {}

    def register_event(self, name, handler):
        self.events.setdefault(name, []).append(handler)

    def code(self, name):
        try:
            for handler in self.events.get(name, []):
                handler(self)
        except SystemExit as end:
            return end.code
        return None


class ConversationTest(unittest.TestCase):
    def hold(self, body, broker=None, progress=None):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'shim')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(HEAD + body)
            os.chmod(path, stat.S_IRWXU)
            conversation = _shim.Conversation(Context(), path, broker or Broker(), progress)
            with conversation:
                last = conversation.hold(REQUEST)
            return last, conversation.exit_status

    def test_request_goes_as_it_is_and_the_result_comes_back(self):
        last, status = self.hold('say(type="result", exitCode=0, result=request); sys.exit(0)')
        self.assertEqual(last['result'], REQUEST)
        self.assertEqual(status, 0)

    def test_a_token_is_given_under_the_id_of_its_request(self):
        broker = Broker({'accessToken': 'a', 'expiresOn': 1})
        last, _ = self.hold(
            'say(type="tokenRequest", id=7, resource="r", forceRefresh=False)\n'
            'say(type="result", exitCode=0, result=hear())', broker)
        self.assertEqual(last['result'], {'type': 'token', 'id': 7, 'accessToken': 'a', 'expiresOn': 1})

    def test_an_interrupt_while_a_token_is_got_is_passed_on_and_the_result_is_kept(self):
        last, status = self.hold(
            'stopped = []\nsignal.signal(signal.SIGINT, lambda *_: stopped.append(1))\n'
            'say(type="tokenRequest", id=7, resource="r", forceRefresh=False)\nanswer = hear()\n'
            'while not stopped: time.sleep(0.01)\n'
            'say(type="result", exitCode=6, result=answer); sys.exit(6)')
        self.assertEqual((last['exitCode'], last['result']['type'], status), (6, 'tokenError', 6))

    def test_an_interrupt_between_any_two_lines_loses_no_result(self):
        """Python raises it wherever it happens to be: an exception that left the conversation would hide how it ended."""
        place = 1
        while True:
            lines = []

            def trace(frame, event, _, lines=lines, place=place):
                if frame.f_code.co_filename == _shim.__file__:
                    # From the first message on: until then the program that stands in cannot take a signal.
                    if event == 'line' and (lines or frame.f_code.co_name == '_take'):
                        lines.append(frame.f_lineno)
                        if len(lines) == place:
                            os.kill(os.getpid(), signal.SIGINT)
                    return trace
                return None

            sys.settrace(trace)
            try:
                last, status = self.hold(
                    'say(type="progress", event={"event": "step"}, line="Turning KMS off")\n'
                    'say(type="tokenRequest", id=7, resource="r", forceRefresh=False)\nhear()\n'
                    # A Python that ends takes signals no more.
                    'say(type="result", exitCode=6, result={})\nimport os; os._exit(6)',
                    Broker({'accessToken': 'a', 'expiresOn': 1}))
            finally:
                sys.settrace(None)
            self.assertEqual((last and last['exitCode'], status), (6, 6), f'interrupted at line {lines[-1:]}')
            if place > len(lines):
                break
            place += 1
        self.assertGreater(place, 20)

    def test_progress_that_fails_to_show_stops_nobody(self):
        class Closed:
            def write(self, _):
                raise OSError('no space left on device')

            flush = write

        standard_error, sys.stderr = sys.stderr, Closed()
        try:
            last, _ = self.hold(
                'say(type="progress", event={"event": "step"}, line="Turning KMS off")\n'
                'say(type="result", exitCode=0, result={})', progress=_shim._Lines())  # pylint: disable=protected-access
        finally:
            sys.stderr = standard_error
        self.assertEqual(last['exitCode'], 0)

    def test_a_shim_that_dies_leaves_no_result(self):
        last, status = self.hold('sys.stdout.write("{\\"type\\": \\"resu"); sys.stdout.flush()\n'
                                 'import os; os.kill(os.getpid(), 9)')
        self.assertIsNone(last)
        self.assertEqual(status, -9)

    def test_another_protocol_is_an_error_and_does_not_hang(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'shim')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(HEAD.replace('protocol=1', 'protocol=2') + 'print("x" * 300000, flush=True)')
            os.chmod(path, stat.S_IRWXU)
            with self.assertRaisesRegex(Exception, 'protocol 2'):
                _shim.Conversation(Context(), path, Broker(), None).hold(REQUEST)


class EndTest(unittest.TestCase):
    PROBLEM = {'id': 'interrupted', 'what': 'w', 'state': 's', 'next': 'n'}

    def test_a_run_that_stopped_shows_its_report_and_exits_with_its_code_also_if_printing_fails(self):
        context = Context()
        last = {'type': 'result', 'exitCode': 6, 'result': {'a': 1}, 'problem': self.PROBLEM}
        self.assertEqual(_shim._result(context, last, 6, {}, True), {'a': 1})  # pylint: disable=protected-access
        self.assertEqual(context.code(EVENT_CLI_POST_EXECUTE), 6)
        standard_error, sys.stderr = sys.stderr, SimpleNamespace(
            write=lambda _: (_ for _ in ()).throw(OSError('gone')), flush=lambda: None)
        try:
            self.assertEqual(context.code(EVENT_CLI_SUCCESSFUL_EXECUTE), 6)
        finally:
            sys.stderr = standard_error

    def test_a_dead_shim_is_4_where_it_may_have_changed_something_and_1_elsewhere(self):
        for changes, code in ((True, 4), (False, 1)):
            context = Context()
            with self.assertRaisesRegex(Exception, 'signal 9'):
                _shim._result(context, None, -9, {}, changes)  # pylint: disable=protected-access
            self.assertEqual(context.code(EVENT_CLI_POST_EXECUTE), code)


class Credential:
    """What az gives out: in new versions with get_token_info, and with `claims` for everybody."""

    def __init__(self):
        self.asked = []

    def get_token(self, *scopes, **keywords):
        self.asked.append((scopes, keywords))
        return SimpleNamespace(token='t', expires_on=7.9)


class NewCredential(Credential):
    def get_token_info(self):
        """Only that it is there counts."""


class TokenTest(unittest.TestCase):
    def broker(self, credential, kind):
        profile = SimpleNamespace(
            get_login_credentials=lambda subscription_id: (credential, subscription_id, 'tenant'),
            get_subscription=lambda _: {'user': {'type': kind}})
        return _tokens.TokenBroker(profile, 'subscription')

    def test_claims_go_to_msal_under_the_name_that_the_version_of_az_passes_on(self):
        for credential, kind, name in (
                (Credential(), 'user', 'claims'), (Credential(), 'servicePrincipal', 'claims_challenge'),
                (NewCredential(), 'user', 'claims'), (NewCredential(), 'servicePrincipal', 'claims')):
            broker = self.broker(credential, kind)
            broker.answer({'id': 1, 'resource': 'r'})
            broker.answer({'id': 2, 'resource': 'r', 'claims': '{}'})
            broker.answer({'id': 3, 'resource': 'r', 'forceRefresh': True})
            self.assertEqual([keywords.keys() - {name} for _, keywords in credential.asked], [set()] * 3)
            self.assertEqual([bool(keywords) for _, keywords in credential.asked], [False, True, True])
            self.assertEqual({scopes for scopes, _ in credential.asked}, {('r/.default',)})

    def test_an_error_of_az_becomes_an_answer(self):
        credential = Credential()
        credential.get_token = lambda *_, **__: (_ for _ in ()).throw(RuntimeError('AADSTS50173: revoked\nmore'))
        answer = self.broker(credential, 'user').answer({'id': 5, 'resource': 'r'})
        self.assertEqual((answer['type'], answer['id'], answer['kind']), ('tokenError', 5, 'interactionRequired'))
        self.assertEqual(answer['message'], 'AADSTS50173: revoked')


class TextTest(unittest.TestCase):
    def test_what_could_steer_a_terminal_is_escaped(self):
        self.assertEqual(_text.printable('a\x1b[2J\u202eb\nc\r'), 'a\\x1b[2J\\u202eb\nc\\r')
        error = _shim._error(  # pylint: disable=protected-access
            {'id': 'azure', 'what': '\x1b[31m', 'state': '', 'next': '\x07'})
        self.assertNotIn('\x1b', error.error_msg)
        self.assertEqual(error.recommendations, ['\\x07'])

    def test_arguments_have_the_names_of_the_protocol(self):
        names = {name: _run.protocol_name(name) for name in (
            'resource_group_name', 'name', 'plan_id', 'vault_shared_ok', 'accept_unproven_convergence')}
        self.assertEqual(list(names.values()), [
            'resourceGroup', 'name', 'planId', 'vaultSharedOk', 'acceptUnprovenConvergence'])

    def test_every_command_sends_its_own_arguments_and_nothing_else(self):
        sent = {}

        def run(_, command, arguments):
            sent[command] = json.loads(json.dumps(arguments))
            return {'clusters': [], 'unreadable': ['one']}

        commands = [value for value in vars(custom).values()
                    if inspect.isfunction(value) and not value.__name__.startswith('_')]
        self.assertGreater(len(commands), 6)
        with mock.patch.object(_shim, 'run', run):
            for command in commands:
                names = [name for name in inspect.signature(command).parameters if name != 'cmd']
                command(None, **dict.fromkeys(names, 'given'))
                self.assertEqual(
                    list(sent.popitem()[1]), [_run.protocol_name(name) for name in names])


class TableTest(unittest.TestCase):
    STATES = ['legacy-off', 'legacy-on', 'platform-managed', 'customer-key-public', 'customer-key-private']

    def test_a_list_names_each_of_the_five_states(self):
        clusters = [{'name': 'c', 'resourceGroup': 'g', 'encryption': state, 'kmsMode': '', 'keyID': '',
                     'provisioningState': 'Succeeded'} for state in self.STATES]
        self.assertEqual([row['KMS'] for row in _tables.clusters(clusters)], self.STATES)

    def test_a_cluster_is_shown_with_its_state_and_the_mode_of_the_legacy_kms(self):
        shown = {}
        for state in self.STATES:
            shown[state] = _tables.show({
                'cluster': '/a/c', 'provisioningState': 'Succeeded', 'encryption': state, 'kmsMode': 'Private',
                'vault': 'v', 'vaultAccess': 'Disabled', 'secretsAtRest': 'unknown', 'advice': 'nothing'})['KMS']
        self.assertEqual(shown.pop('legacy-on'), 'legacy-on, Private')
        self.assertEqual(list(shown), list(shown.values()))


if __name__ == '__main__':
    print(json.dumps({'python': sys.version.split()[0]}))
    unittest.main()
