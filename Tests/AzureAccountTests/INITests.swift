import Testing

@testable import AzureAccount

@Test func `az's files of sections are read`() throws {
    let document = try INIDocument(
        parsing:
            "# c\r\n[cloud]\r\nName = FakeCloud\n\n[FakeCloud]\nendpoint_x = https://localhost:1/a=b\nlong: a\n  b\n; c\n"
    )
    #expect(document["cloud", "name"] == "FakeCloud")
    #expect(document["FakeCloud", "endpoint_x"] == "https://localhost:1/a=b")
    #expect(document["FakeCloud", "long"] == "a\nb")
    #expect(document["fakecloud", "long"] == nil)
    #expect(try INIDocument(parsing: "").sections.isEmpty)
}

@Test(arguments: ["a = b", "[x\n", "[]\n", "[x]\nword\n", "[x]\na=1\nA=2\n", "[x]\n[x]\n", "[x]\n=1\n"])
func `a file of another form is refused without quoting it`(text: String) {
    #expect(throws: INIDocument.Problem.self) { try INIDocument(parsing: text) }
}
