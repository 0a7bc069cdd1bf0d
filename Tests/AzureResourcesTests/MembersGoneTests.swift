import JSON
import Testing

@testable import AzureResources

@Suite struct MembersGoneTests {
    private func gone(_ before: String, _ after: String) throws -> [String] {
        try membersGone(before: json(before), after: json(after))
    }

    @Test func `a member that is gone is named by its path, by names in lists`() throws {
        let before =
            #"{"tags":{"a":"1"},"properties":{"x":{"y":1,"z":false},"pools":[{"name":"n","labels":{"l":"v"}},{"name":"m"}]}}"#
        let after = #"{"properties":{"x":{"y":2},"pools":[{"name":"m"},{"name":"n"}]}}"#
        #expect(try gone(before, after) == ["properties.pools[n].labels", "properties.x.z", "tags"])
    }

    @Test func `values may change, and what says nothing may go`() throws {
        let before = #"{"properties":{"a":1,"b":"x","none":null,"text":"","list":[],"empty":{"deep":{"er":[]}}}}"#
        #expect(try gone(before, #"{"properties":{"a":{"now":"an object"},"b":"y"}}"#) == [])
    }

    @Test func `a value that became null is gone`() throws {
        #expect(try gone(#"{"properties":{"a":1}}"#, #"{"properties":{"a":null}}"#) == ["properties.a"])
    }

    /// Found by the fuzzer.
    @Test func `of two items with one name the one in the same place is meant`() throws {
        let pools =
            #"{"properties":{"pools":[{"name":"n","p":{}},{"name":"n","p":{"c":1}},{"id":"/I"},{"id":"/i","q":1}]}}"#
        #expect(try gone(pools, pools) == [])
    }

    @Test func `the KMS profile and what Azure alone writes may go`() throws {
        let before = try clusterDocument()
        var after = try ManagedCluster(before, apiVersion: "2026-07-01").updateBody(settingKMS: .off)
        // The body of the update lacks just those members; of the identity Azure shows more again.
        after["identity"] = before["identity"]
        #expect(membersGone(before: before, after: after) == [])
        #expect(membersGone(before: before, after: before) == [])
    }

    @Test func `values in another order are all there, and fewer are not`() throws {
        #expect(try gone(#"{"zones":["1","2","3"]}"#, #"{"zones":["3","1","2"]}"#) == [])
        #expect(try gone(#"{"zones":["1","2","3"]}"#, #"{"zones":["3","1","4"]}"#) == [])
        #expect(try gone(#"{"zones":["1","2","3"]}"#, #"{"zones":["1","2"]}"#) == ["zones[2]"])
    }

    @Test func `items without names are told by their ids or places`() throws {
        #expect(try gone(#"{"l":[{"id":"/A"},{"id":"/B"}]}"#, #"{"l":[{"id":"/b"}]}"#) == ["l[0]"])
        #expect(try gone(#"{"l":[{"a":1,"b":2},{"a":1}]}"#, #"{"l":[{"a":1},{"a":1}]}"#) == ["l[0].b"])
    }

    @Test func `an identity or an add-on that is gone is named, and another case is the same name`() throws {
        let before =
            #"{"identity":{"userAssignedIdentities":{"/s/a":{"clientId":"1"},"/s/b":{"clientId":"2"}}},"#
            + #""properties":{"addonProfiles":{"omsAgent":{"enabled":true}}}}"#
        let after =
            #"{"identity":{"userAssignedIdentities":{"/S/a":{"clientId":"1"}}},"properties":{"addonProfiles":{"#
            + #""omsagent":{"enabled":true}}}}"#
        #expect(try gone(before, after) == ["identity.userAssignedIdentities./s/b"])
    }
}
