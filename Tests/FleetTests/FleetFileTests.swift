import Fleet
import Testing

@testable import Azure

func cluster(_ name: String) -> AzureResourceID {
    AzureResourceID(
        checked: "5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11", resourceGroup: "rg", provider: "Microsoft.ContainerService",
        segments: ["managedClusters", name])
}

@Suite struct `A file of clusters` {
    private func parsed(_ text: String) throws -> FleetFile { try FleetFile(parsing: Array(text.utf8)) }

    private func problem(_ text: String) -> String {
        do {
            let file = try FleetFile(parsing: Array(text.utf8))
            return "none: \(file)"
        } catch { return error.description }
    }

    @Test func `is a list of ids as az prints them, with comments`() throws {
        let file = try parsed("# production\n\(cluster("a"))\n\n  \(cluster("b"))   # the other\r\n")
        #expect(file.stages.map(\.clusters) == [[cluster("a"), cluster("b")]] && file.stages[0].name.isEmpty)
    }

    @Test func `is what az aks list prints as JSON`() throws {
        let file = try parsed(#"[{"id": "\#(cluster("a"))", "name": "a"}, "\#(cluster("b"))"]"#)
        #expect(file.stages.map(\.clusters) == [[cluster("a"), cluster("b")]])
    }

    @Test func `has stages with names and pauses`() throws {
        let file = try parsed(
            """
            stages:
              - name: canary
                pause: 30m
                clusters: ["\(cluster("a"))"]
              - clusters:
                - \(cluster("b"))
                - \(cluster("c"))
            """)
        #expect(file.stages.map(\.name) == ["canary", "2"] && file.stages.map(\.pause) == [1800, nil])
        #expect(file.stages[1].clusters == [cluster("b"), cluster("c")])
    }

    @Test func `says what is wrong and where, and leaves nothing out silently`() {
        #expect(problem("") == "it names no cluster")
        #expect(problem("# nothing\n") == "it names no cluster")
        #expect(problem("\(cluster("a"))\nb").hasPrefix("line 2: 'b' names no managed cluster"))
        #expect(problem("\(cluster("a"))\n\(cluster("A"))").hasSuffix("is named twice"))
        #expect(problem("clusters: []").contains("neither a list of clusters nor a mapping with 'stages'"))
        #expect(problem("stages:\n- clusters: []\n- clusters: ['\(cluster("a"))']").contains("'1' has no clusters"))
        #expect(problem("stages:\n- clusters: ['\(cluster("a"))']\n  paus: 3m").contains("line 3: 'paus' is not known"))
        #expect(problem("stages:\n- clusters: ['\(cluster("a"))']\n  pause: soon").contains("no length of time"))
        #expect(problem("[3").contains("line"))
        #expect(problem("/subscriptions/x\n").contains("line 1"))
        let vault =
            "/subscriptions/5f0c2f51-7a3c-4d0e-9c39-0a6a2f1d0b11/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
        #expect(problem(vault).contains("not of type"))
    }
}
