import JSON
import Testing

@Test func `members that nobody knows survive a round trip`() throws {
    let text = #"{"a":{"futureThing":[1,-1,0.25,true,null,"ü\/"]},"b":9007199254740993}"#
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(try JSONValue(parsing: value.bytes()) == value)
    #expect(value["b"]?.integer == 9_007_199_254_740_993)
    #expect(value[path: "a", "futureThing"]?.array?[3].bool == true)
}

@Test func `a document that is cut off is refused without quoting it`() {
    #expect(throws: JSONError("the document is not valid JSON")) {
        try JSONValue(parsing: Array(#"{"token":"canary"#.utf8))
    }
}
