import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The names of groups that a shell completes.
struct GroupCompletionTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "completion-\(UUID())")
  private var environment: [String: String] {
    ["XDG_CACHE_HOME": folder.path, "XDG_STATE_HOME": folder.path + "/state", "HOME": "/nowhere"]
  }

  private func keep(_ names: [String]) throws {
    let groups = names.enumerated().map { number, name in
      let old = Fixtures.group(number: Int64(90 + number))
      return Group(
        id: old.id, name: name, currency: old.currency, me: old.me, role: old.role, balances: old.balances,
        memberCount: old.memberCount, photo: nil, createdAt: old.createdAt, archivedAt: nil, version: 1,
        sequence: old.sequence)
    }
    try TokenFile(server: .standard, environment: environment).write(
      TokenFile.Content(server: ServerAddress.standard.url, name: "anna", token: "token"))
    UserFiles(server: .standard, user: "anna", environment: environment).cache.keep(
      CachedGroups(savedAt: Instant(milliseconds: 1_795_510_000_000), groups: groups, digests: []))
  }

  private func completions(_ prefix: String) -> [String] {
    GroupCompletion.names(environment, beginningWith: prefix)
  }

  @Test func namesFromTheCacheBeginAsTyped() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(completions("") == [])
    try keep(["Flat 12", "flute", "Übung", "井上"])
    #expect(completions("") == ["Flat 12", "flute", "Übung", "井上"])
    #expect(completions("fl") == ["flat 12", "flute"])
    #expect(completions("FLA") == ["FLAt 12"])
    #expect(completions("üb") == ["übung"])
    #expect(completions("flat 123") == [])
  }

  /// bash would run them.
  @Test(arguments: ["$(touch x)", "`x`", "a\\b", "a'b", "a\"b", "a;b", "a\nb", "-rf", "~", "a*", "a&b"])
  func nameWithMeaningInShellIsLeftOut(name: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try keep([name, "Flat"])
    #expect(completions("") == ["Flat"])
  }
}
