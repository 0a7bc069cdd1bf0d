# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""Tokens from az's own credential, for the shim that has none."""


class TokenBroker:
    """Answers the shim's token requests. It keeps nothing: az's cache does."""

    def __init__(self, profile, subscription):
        self._profile = profile
        self._subscription = subscription
        self._credential, _, self._tenant = profile.get_login_credentials(subscription_id=subscription)
        account = profile.get_subscription(subscription)
        is_principal = account.get('user', {}).get('type') == 'servicePrincipal'
        # Until az had get_token_info, what a service principal is given went to MSAL under MSAL's own name.
        self._claims = 'claims_challenge' if is_principal and not hasattr(self._credential, 'get_token_info') \
            else 'claims'

    @property
    def tenant(self):
        """The tenant of the subscription."""
        return self._tenant

    def answer(self, request):
        """The message that answers a token request; an error of az becomes a message too."""
        try:
            token = self._token(request)
        except Exception as error:  # pylint: disable=broad-except
            return {'type': 'tokenError', 'id': request['id'], 'kind': _kind(error), 'message': _first_line(error)}
        return {'type': 'token', 'id': request['id'], 'accessToken': token.token, 'expiresOn': int(token.expires_on)}

    def _token(self, request):
        scope = request['resource'] + '/.default'
        credential = self._credential
        tenant = request.get('tenant')
        if tenant and tenant.lower() != self._tenant.lower():
            from collections import namedtuple
            raw = self._profile.get_raw_token(scopes=[scope], tenant=tenant)[0][2]
            return namedtuple('Token', 'token expires_on')(raw['accessToken'], raw['expires_on'])
        claims = request.get('claims')
        if request.get('forceRefresh') and not claims:
            # MSAL gives a token of its cache again unless there are claims; these ask for what az always asks for.
            claims = '{"access_token":{"xms_cc":{"values":["CP1"]}}}'
        return credential.get_token(scope, **{self._claims: claims}) if claims else credential.get_token(scope)


def _kind(error):
    from azure.cli.core.azclierror import AuthenticationError
    text = str(error)
    if 'az login' in text and 'AADSTS' not in text and not isinstance(error, AuthenticationError):
        return 'notSignedIn'
    if isinstance(error, AuthenticationError) or 'AADSTS' in text:
        return 'interactionRequired'
    return 'unreachable' if isinstance(error, OSError) else 'failed'


def _first_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:512] if lines else type(error).__name__
