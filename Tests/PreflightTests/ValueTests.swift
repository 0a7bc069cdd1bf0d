import Azure
import Foundation
import JSON
import Testing
import Usage
import YAML

@testable import Preflight

@Test func `versions compare as numbers`() throws {
    #expect(try #require(MinorVersion("v1.9.1")) < MinorVersion(1, 27))
    #expect(MinorVersion("1.27+") == MinorVersion(1, 27))
    for bad in ["", "1", "latest", "1.x", "."] { #expect(MinorVersion(bad) == nil) }
}

@Test func `two facts together are as unreadable as the worse`() {
    let known: Fact<Int> = .known(1)
    #expect(known.and(Fact<Int>.unreadable("no")).map { $0.0 } == .unreadable("no"))
    #expect(Fact<Int>.notApplicable.and(Fact<Int>.unreadable("no")).map { $0.0 } == .unreadable("no"))
    #expect(known.and(Fact<Int>.notApplicable).map { $0.0 } == .notApplicable)
    #expect(known.and(known).map { $0 + $1 } == .known(2))
}

@Test func `a report's commands are those of the front end that shows it`() throws {
    var facts = PreflightFacts.good(to: .privateAccess)
    facts.strategy.closeVaultFirst = true
    func json(_ style: CommandStyle?) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        if let key = CommandStyle.key { encoder.userInfo[key] = style }
        return String(decoding: try encoder.encode(PreflightReport.full(facts)), as: UTF8.self)
    }
    let place = "--subscription \(facts.names.subscription) -g \(facts.names.resourceGroup)"
    let name = facts.names.cluster
    let kubectl = "kubectl kms-vault switch \(place) --name \(name) --private"
    let az = "az aks kms-vault-mode switch --mode Private \(place) -n \(name)"
    let inAz = try json(.az(resourceGroup: "g", name: "n"))
    #expect(try json(nil).contains(kubectl) && !json(nil).contains(az))
    #expect(inAz.contains(az) && !inAz.contains("kubectl kms-vault switch"))
}

@Test func `the lines for Terraform and Bicep follow the mode`() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"
    let closed = InfrastructureAsCode(
        mode: .privateAccess, keyID: PreflightFacts.keyID, vaultResourceID: id, vaultIsOpen: false)
    #expect(closed.terraform.contains(#"key_vault_network_access = "Private""#))
    #expect(closed.terraform.contains("public_network_access_enabled = false"))
    #expect(closed.bicep.contains("keyVaultResourceId: '\(id)'"))
    #expect(closed.bicep.contains("publicNetworkAccess: 'Disabled'"))
    let open = InfrastructureAsCode(
        mode: .publicAccess, keyID: PreflightFacts.keyID, vaultResourceID: id, vaultIsOpen: true)
    #expect(open.terraform.contains(#"key_vault_network_access = "Public""#))
    #expect(open.terraform.contains("public_network_access_enabled = true"))
    #expect(open.bicep.contains("keyVaultResourceId: ''"))
    #expect(open.bicep.contains("publicNetworkAccess: 'Enabled'"))
}

@Test func `Cluster API and Azure Service Operator get a vault's id for Private only`() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"
    func lines(_ mode: NetworkMode) -> InfrastructureAsCode {
        InfrastructureAsCode(
            mode: mode, keyID: PreflightFacts.keyID, vaultResourceID: id, vaultIsOpen: mode == .publicAccess)
    }
    #expect(lines(.privateAccess).clusterAPI.hasSuffix("    keyVaultResourceID: \"\(id)\""))
    #expect(lines(.privateAccess).serviceOperator.contains("    keyVaultResourceReference:\n      armId: \"\(id)\""))
    for text in [lines(.publicAccess).clusterAPI, lines(.publicAccess).serviceOperator] {
        #expect(text.contains("keyVaultNetworkAccess: Public") && !text.contains("keyVaultResource"))
    }
    #expect(lines(.publicAccess).serviceOperator.contains("publicNetworkAccess: Enabled"))
    #expect(!lines(.publicAccess).clusterAPI.contains("publicNetworkAccess"))
}

@Test(arguments: [NetworkMode.privateAccess, .publicAccess])
func `the lines in YAML and JSON are what they say when they are parsed`(_ mode: NetworkMode) throws {
    let name = #"a"b\c${d}'f"#
    let lines = InfrastructureAsCode(mode: mode, keyID: name, vaultResourceID: "[id]", vaultIsOpen: false)
    for yaml in [lines.clusterAPI, lines.serviceOperator] {
        let kms = try YAMLNode.parse(Array(yaml.utf8))?["securityProfile"]?["azureKeyVaultKms"]
        #expect((kms?["keyID"] ?? kms?["keyId"])?.scalar?.text == name)
    }
    let pulumi = try YAMLNode.parse(Array(lines.pulumi.utf8))?["securityProfile"]?["azureKeyVaultKms"]
    #expect(pulumi?["keyId"]?.scalar?.text == name.replacing("${", with: "$${"))
    let members = lines.arm.split(separator: "\n").filter { !$0.hasPrefix("//") && !$0.isEmpty }
        .joined(separator: "\n").replacing("}\n\"public", with: "},\n\"public")
    let arm = try JSONValue(parsing: Array("{\(members)}".utf8))
    let kms = arm["securityProfile"]?["azureKeyVaultKms"]
    #expect(kms?["keyId"]?.string == name)
    #expect(kms?["keyVaultResourceId"]?.string == (mode == .privateAccess ? "[[id]" : ""))
    #expect(arm["publicNetworkAccess"]?.string == "Disabled")
}

@Test func `lines for a vault whose access nobody knows say nothing of it`() {
    let lines = InfrastructureAsCode(
        mode: .publicAccess, keyID: PreflightFacts.keyID, vaultResourceID: "", vaultIsOpen: nil)
    #expect(!lines.terraform.contains("azurerm_key_vault") && !lines.bicep.contains("Microsoft.KeyVault"))
}

@Test func `a name cannot end its literal or begin an expression in Terraform or Bicep`() {
    let lines = InfrastructureAsCode(
        mode: .privateAccess, keyID: #"a"b\c${d}%{e}'f"#, vaultResourceID: "", vaultIsOpen: nil)
    #expect(lines.terraform.contains(#""a\"b\\c$${d}%%{e}'f""#))
    #expect(lines.bicep.contains(#"'a"b\\c\${d}%{e}\'f'"#))
}
