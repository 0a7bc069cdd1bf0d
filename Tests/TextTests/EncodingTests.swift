import Testing

@testable import Text

@Test func `only unreserved characters stand in an address as they are`() {
    #expect(percentEncoded("aZ09-._~") == "aZ09-._~")
    #expect(percentEncoded("a/b?c#d%e f(g)'ü\n") == "a%2Fb%3Fc%23d%25e%20f%28g%29%27%C3%BC%0A")
    #expect(percentEncoded("a+b(c)", keeping: "+") == "a+b%28c%29")
}

@Test func `hexadecimal numbers have their zeros`() {
    #expect(hexadecimal(UInt8(7), digits: 2) == "07")
    #expect(hexadecimal(UInt64.max, digits: 4) == "ffffffffffffffff")
}
