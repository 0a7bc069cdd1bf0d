@testable import AzureAccount

/// An msal_token_cache.json in az's shape, with one token, its account and a refresh token.
struct MSALFixture {
    var token = "kept-token"
    var expires = Int(now) + 3600
    var client = MSALCache.azClientID
    var home: String? = "oid.tid"
    var realm = tenantID
    var environment = "login.microsoftonline.com"
    var target = "https://management.core.windows.net//user_impersonation https://management.core.windows.net//.default"
    var user = "ann@fake.test"
    var extraKey = ""
    var type = "Bearer"

    var bytes: [UInt8] {
        let homeText = home.map { "\"\($0)\"" } ?? "null"
        let key = "\(home ?? "")-\(environment)-accesstoken-\(client)-\(realm)-\(target.lowercased())\(extraKey)"
        let refresh = home.map { home in
            #""\#(home)-\#(environment)-refreshtoken-\#(client)--x":{"credential_type":"RefreshToken","secret":"refresh-1","#
                + #""home_account_id":"\#(home)","environment":"\#(environment)","client_id":"\#(client)","target":"x"}"#
        }
        let text = """
            {"AccessToken":{"\(key)":{"credential_type":"AccessToken","secret":"\(token)","home_account_id":\(homeText),
             "environment":"\(environment)","client_id":"\(client)","target":"\(target)","realm":"\(realm)",
             "token_type":"\(type)","cached_at":"1","expires_on":"\(expires)","extended_expires_on":"\(expires)"}},
             "Account":{"a":{"username":"\(user)","home_account_id":\(homeText),"environment":"\(environment)","realm":"\(realm)"}},
             "RefreshToken":{\(refresh ?? "")},"IdToken":{},"AppMetadata":{}}
            """
        return Array(text.utf8)
    }
}
