import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// A damaged archive is refused completely.
@Suite struct ArchiveDamageTests {
  /// Runs `body` with an archive of a group, and its bytes.
  private static func run(_ body: (ArchiveFixture, [UInt8]) async throws -> Void) async throws {
    try await ArchiveFixture.run { archives in
      try await GroupFixture.full(on: .sqlite, steps: 5) { books, _ in
        try await archives.write("good.tar", of: books.server.dependencies)
      }
      try await body(archives, Array(try Data(contentsOf: URL(filePath: archives.path("good.tar")))))
    }
  }

  private static func verify(_ bytes: [UInt8], _ archives: ArchiveFixture) throws {
    let path = archives.path("bad.tar")
    try Data(bytes).write(to: URL(filePath: path))
    _ = try ArchiveReader(path).verify()
  }

  /// The position of each member's header.
  private static func headers(_ bytes: [UInt8]) -> [(name: String, offset: Int, size: Int)] {
    var (headers, offset): ([(name: String, offset: Int, size: Int)], Int) = ([], 0)
    while let header = TarHeader(Array(bytes[offset..<offset + 512])) {
      headers.append((header.name, offset, header.size))
      offset += 512 + header.size + header.padding
    }
    return headers
  }

  @Test func truncatedArchiveIsRefused() async throws {
    try await Self.run { archives, bytes in
      try Self.verify(bytes, archives)
      var cuts = [0, 1, 511, 512, bytes.count - 1, bytes.count - 512, bytes.count - 1024]
      for header in Self.headers(bytes).dropFirst() {
        cuts += [
          header.offset, header.offset + 512, header.offset + 513, header.offset + 512 + header.size - 1,
        ]
      }
      for cut in cuts {
        #expect(throws: ArchiveFailure.self, "\(cut) of \(bytes.count)") {
          try Self.verify(Array(bytes[..<cut]), archives)
        }
      }
      for more in [[0], [UInt8](repeating: 0, count: 512), [1]] {
        #expect(throws: ArchiveFailure.self) { try Self.verify(bytes + more, archives) }
      }
    }
  }

  @Test func changedByteIsNoticedEverywhere() async throws {
    try await Self.run { archives, bytes in
      let headers = Self.headers(bytes)
      let names = headers.map(\.name).joined(separator: " ")
      for kind in ["manifest.json", "tables/postings", "large.jpg", "preview.ppm", "SHA256SUMS", "end.json"] {
        #expect(names.contains(kind))
      }
      for header in headers {
        let body = header.offset + 512
        var offsets = [
          header.offset, header.offset + 105, header.offset + 130, header.offset + 150, header.offset + 400,
        ]
        offsets += [body, body + header.size / 2, body + header.size - 1]
        if header.size % 512 != 0 { offsets.append(body + header.size) }
        for offset in offsets {
          var bad = bytes
          bad[offset] ^= 4
          #expect(throws: ArchiveFailure.self, "\(header.name) at \(offset - header.offset)") {
            try Self.verify(bad, archives)
          }
        }
      }
    }
  }

  @Test func missingOrExtraMemberIsNoticed() async throws {
    try await Self.run { archives, bytes in
      let headers = Self.headers(bytes)
      func member(_ index: Int) -> ArraySlice<UInt8> {
        bytes[
          headers[index].offset..<(index + 1 < headers.count ? headers[index + 1].offset : bytes.count - 1024)
        ]
      }
      for (index, header) in headers.enumerated() {
        let start = member(index).startIndex, end = member(index).endIndex
        #expect(throws: ArchiveFailure.self, "without \(header.name)") {
          try Self.verify(Array(bytes[..<start] + bytes[end...]), archives)
        }
        #expect(throws: ArchiveFailure.self, "twice \(header.name)") {
          try Self.verify(Array(bytes[..<end] + member(index) + bytes[end...]), archives)
        }
      }
      // An unknown member is refused, even with correct checksums.
      let good = try archives.members(of: "good.tar")
      for name in ["etc/passwd", "photos/x", "tables/secrets/000001.jsonl"] {
        try? FileManager.default.removeItem(atPath: archives.path("more.tar"))
        try archives.write("more.tar", good + [.init(name: name, bytes: [10])])
        #expect(throws: ArchiveFailure.self, "\(name)") {
          try ArchiveReader(archives.path("more.tar")).verify()
        }
      }
    }
  }

  @Test(arguments: Backend.available) func refusedRestoreWritesNothing(backend: Backend) async throws {
    try await Self.run { archives, bytes in
      let good = try archives.members(of: "good.tar")
      var files: [(name: String, words: String)] = []
      func file(_ name: String, _ bytes: [UInt8], _ words: String) throws {
        try Data(bytes).write(to: URL(filePath: archives.path(name)))
        files.append((name, words))
      }
      try file("empty", [], "not an archive")
      try file(
        "foreign", Array("PK\u{3}\u{4} what is this?".utf8) + [UInt8](repeating: 7, count: 2000),
        "not an archive"
      )
      try file("cut", Array(bytes[..<(bytes.count - 1024)]), "incomplete")
      var flipped = bytes
      flipped[Self.headers(bytes)[4].offset + 520] ^= 1
      try file("flipped", flipped, "does not match its checksum")
      func change(_ name: String, _ words: String, _ body: (ArchiveReader.Member) throws -> [UInt8]) throws {
        try archives.write(name, good.map { .init(name: $0.name, bytes: try body($0)) })
        files.append((name, words))
      }
      func manifest(_ name: String, _ words: String, _ old: String, _ new: String) throws {
        try change(name, words) { member in
          guard member.name == ArchiveMemberName.manifest else { return member.bytes }
          let text = String(decoding: member.bytes, as: UTF8.self)
          #expect(text.contains(old), "\(text)")
          return Array(text.replacing(old, with: new).utf8)
        }
      }
      let schema = "\"schema\":\(Migration.all.last?.version ?? 0),"
      try manifest("newer", "supports versions up to", schema, "\"schema\":9999,")
      try manifest("format", "newer server", "\"format\":1,", "\"format\":2,")
      try manifest("column", "no version of KittyCash", "\"display_name\"", "\"a); drop table users\"")
      // A complete archive that violates rules of the schema: a missing posting, a changed user id.
      try change("posting", "rules of the books") { member in
        guard member.name.hasPrefix("tables/postings") else { return member.bytes }
        return Array(member.bytes.split(separator: 10).dropLast().joined(separator: [10])) + [10]
      }
      try change("user", "rules of the books") { member in
        guard member.name.hasPrefix("tables/users") else { return member.bytes }
        return Array(String(decoding: member.bytes, as: UTF8.self).replacing("[\"0", with: "[\"f").utf8)
      }
      try await ArchiveFixture.empty(on: backend) { dependencies, _ in
        for file in files {
          do {
            try await archives.restore(file.name, into: dependencies)
            Issue.record("\(file.name) was restored")
          } catch {
            #expect("\(error)".contains(file.words), "\(file.name): \(error)")
          }
          try await ArchiveFixture.expectUntouched(dependencies)
        }
        // The intact archive is still accepted.
        try await archives.restore("good.tar", into: dependencies)
        await #expect(throws: RestoreFailure.notEmpty) {
          try await archives.restore("good.tar", into: dependencies)
        }
      }
      guard backend == .postgres else { return }
      // When the database is unavailable, no photos are left either.
      try await ArchiveFixture.empty(on: backend) { (dependencies, _) async throws in
        await dependencies.database.close()
        await #expect(throws: (any Error).self) { try await archives.restore("good.tar", into: dependencies) }
        #expect(try await dependencies.photos.hashes().isEmpty)
      }
    }
  }
}
