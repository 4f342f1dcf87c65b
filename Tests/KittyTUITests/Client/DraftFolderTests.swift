import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The files of drafts.
struct DraftFolderTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "kitty-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder + "/kittycash/drafts/server")
  }

  private func draft(_ text: String) -> Draft {
    var draft = Draft(.init(kind: .comment, id: Fixtures.id(1)))
    draft.user = "anna"
    draft.entry = Fixtures.expenses[0]
    draft.member = Fixtures.members[0]
    draft.changedGroup = Fixtures.group(closedUntil: Day("2026-01-31"))
    draft.fields = ["text": text]
    return draft
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
  }

  @Test func draftIsReadableOnlyByItsOwner() throws {
    try withFolder { path in
      let folder = DraftFolder(path: path)
      #expect(folder.read().drafts.isEmpty)
      let draft = draft("héllo \"x\"\n")
      folder.add(.keep(draft, Fixtures.id(5)))
      try folder.finish()
      #expect(folder.read().drafts.map(\.draft) == [draft] && folder.read().drafts[0].file == Fixtures.id(5))
      #expect(try mode("\(path)/\(Fixtures.id(5)).draft") == 0o600 && mode(path) == 0o700)
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 1)
    }
  }

  @Test func workIsDoneInItsOrder() throws {
    try withFolder { path in
      let folder = DraftFolder(path: path)
      for text in ["a", "b", "c"] { folder.add(.keep(draft(text), Fixtures.id(5))) }
      folder.add(.keep(draft("other"), Fixtures.id(6)))
      folder.add(.drop(Fixtures.id(6)))
      DispatchQueue.concurrentPerform(iterations: 8) { _ in try? folder.finish() }
      #expect(folder.read().drafts.map(\.draft.fields["text"]) == ["c"])
      folder.add(.drop(Fixtures.id(5)))
      try folder.finish()
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    }
  }

  @Test func draftThatIsOpenInAnotherWindowIsNotOffered() throws {
    try withFolder { path in
      do {
        let window = DraftFolder(path: path)
        window.add(.keep(draft("a"), Fixtures.id(5)))
        try window.finish()
        window.add(.keep(draft("b"), Fixtures.id(5)))
        try window.finish()
        #expect(window.read().drafts.count == 1)
        #expect(DraftFolder(path: path).read().drafts.isEmpty)
      }
      // That window has ended.
      #expect(DraftFolder(path: path).read().drafts.map(\.draft.fields["text"]) == ["b"])
    }
  }

  @Test func damagedFileStaysAndIsCounted() throws {
    try withFolder { path in
      let folder = DraftFolder(path: path)
      folder.add(.keep(draft("a"), Fixtures.id(5)))
      try folder.finish()
      for (number, text) in [(6, "{\"savedAt\":"), (7, ""), (8, "{}")] as [(Int64, String)] {
        try text.write(toFile: "\(path)/\(Fixtures.id(number)).draft", atomically: true, encoding: .utf8)
      }
      try "x".write(toFile: path + "/notes.txt", atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/\(Fixtures.id(9)).draft", withDestinationPath: "/etc/passwd")
      let content = folder.read()
      #expect(content.drafts.count == 1 && content.unreadable == 4)
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 6)
    }
  }

  @Test func folderThatCannotBeWrittenIsSaid() throws {
    let folder = DraftFolder(path: "/proc/kitty/drafts")
    folder.add(.keep(draft("a"), Fixtures.id(5)))
    let failure = try #require(throws: PrivateFile.Unsafe.self) { try folder.finish() }
    #expect(failure.description.hasSuffix("what you type is lost when this program ends."))
    #expect(folder.read().drafts.isEmpty)
  }

  @Test func eachServerHasItsOwnFolder() throws {
    let paths = try ["https://a.org", "https://b.org"].map {
      TokenFile(server: try ServerAddress($0), environment: ["HOME": "/h"]).drafts
    }
    #expect(Set(paths).count == 2 && paths[0] == "/h/.local/state/kittycash/drafts/https___a.org")
  }
}
