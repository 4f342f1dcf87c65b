import KittyShared
import TestSupport
import Testing

/// One version: of the programs, of the contract, and of the newest release in the changelog.
@Suite struct VersionTests {
  @Test func contractHasTheVersionOfThePrograms() throws {
    let version = try #require(try ContractFile().root["info"]?["version"]?.text)
    #expect(version == KittyCash.version)
    #expect(version.wholeMatch(of: #/\d+\.\d+\.\d+/#) != nil, "\(version)")
  }

  @Test func newestReleaseInTheChangelogHasTheVersion() throws {
    let titles = try Document("CHANGELOG.md").text.matches(of: #/(?m)^## (.*)$/#).map { String($0.1) }
    #expect(titles.first == "Unreleased")
    let release = try #require(titles.dropFirst().first)
    let version = release.wholeMatch(of: #/(\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d/#).map { String($0.1) }
    #expect(version == KittyCash.version, "\(release)")
  }
}
