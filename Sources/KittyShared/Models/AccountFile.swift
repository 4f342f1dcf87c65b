/// A small file that a client keeps with the account of its user: a draft, its settings, or what the user has seen. The
/// server does not read its content.
package struct AccountFile: Codable, Hashable, Sendable {
  /// The name, chosen by the client.
  package let name: String
  /// The size of the content in bytes.
  package let size: Int
  /// The instant at which it was written.
  package let savedAt: Instant
  /// `true` when another session wrote it, which is still in use: its window may have the text open.
  package let inUse: Bool
  /// The content; `nil` in a list.
  package let content: String?

  package init(name: String, size: Int, savedAt: Instant, inUse: Bool, content: String? = nil) {
    self.name = name
    self.size = size
    self.savedAt = savedAt
    self.inUse = inUse
    self.content = content
  }

  /// Maximum size of a content in bytes.
  package static let maxBytes = 128 << 10

  /// Returns `true` for a name of 1 to 64 letters a-z, digits, `.` and `-`, with a letter or a digit first.
  package static func isName(_ name: some StringProtocol) -> Bool {
    let isWord = name.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2e || $0 == 0x2d
    }
    return isWord && (1...64).contains(name.utf8.count) && name.utf8.first.map { $0 > 0x2e } == true
  }
}

/// A request to write a file.
package struct NewAccountFile: RequestBody, Hashable {
  /// The content: at most 128 KiB of UTF-8.
  package var content: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case content }

  package init(content: String) { self.content = content }

  /// Bounds the size.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      content.utf8.count <= AccountFile.maxBytes, "content", "too_long",
      "A file has at most \(AccountFile.maxBytes) bytes.")
    checks.require(
      !content.utf8.contains(0), "content", "control_character", "A file must not have a zero byte.")
  }
}
