import FoundationEssentials

/// The text of a group file, which is decoded and checked entry by entry: a large file needs little more memory than its
/// text.
package struct GroupFileDocument: Sendable {
  /// The group without its entries, checked.
  package let group: GroupFile
  private let document: any ByteSource
  private let entries: [Range<Int>]
  /// The expenses that refunds in the file name.
  private let refunded: Set<ID>

  /// Reads the group.
  /// - Throws: `Rejection` for a document that is not a group file, or that has a wrong field outside of its entries; the error
  ///   of the system.
  package init(_ document: some ByteSource) async throws {
    self.document = document
    var rest = Data()
    var refunded = RefundedExpenses()
    do {
      (rest, entries) = try await JSON.split(document, list: "entries") { refunded.read($0) }
      self.refunded = refunded.ids
      group = try JSON.decodeRequest(GroupFile.self, from: rest).checked()
      // The name of the list has an escape.
      guard group.entries.isEmpty else { throw JSON.malformed }
    } catch let error as Rejection {
      guard Self.isForeign(rest, error) else { throw error }
      let head = try document.bytes(in: 0..<min(Self.headLength, document.count))
      throw head.contains("\"kittycash-group-") ? Self.damaged : Self.foreign
    }
  }

  /// The beginning of a file in which KittyCash names the format.
  private static let headLength = 4096

  /// Calls `body` with each entry, in order, until one is wrong. Other tasks get their turn between two entries.
  /// - Throws: `Rejection` that names the wrong fields, or the error of `body`.
  package func forEachEntry(_ body: (GroupFile.FileEntry) async throws -> Void) async throws {
    var checks = FieldChecks()
    var entryChecks = GroupFile.EntryChecks(group, refunded: refunded)
    for index in entries.indices {
      let entry = try entry(at: index)
      entryChecks.check(entry, at: index, &checks)
      // An error in a file is usually repeated throughout it.
      if checks.errors.count > GroupFile.maxErrors { break }
      if checks.errors.isEmpty { try await body(entry) }
      await Task.yield()
    }
    guard checks.errors.isEmpty else { throw Rejection.invalid(checks.errors) }
  }

  /// Calls `body` with each entry, in order, once `forEachEntry` has checked all: the document does not change.
  /// - Throws: The error of `body`.
  package func forEachCheckedEntry(_ body: (GroupFile.FileEntry) async throws -> Void) async throws {
    for index in entries.indices {
      try await body(try entry(at: index))
      await Task.yield()
    }
  }

  /// Decodes an entry.
  /// - Throws: `Rejection` with the path of the field.
  private func entry(at index: Int) throws -> GroupFile.FileEntry {
    try Task.checkCancellation()
    let text = try document.bytes(in: entries[index])
    do throws(Rejection) { return try JSON.decodeRequest(GroupFile.FileEntry.self, from: text) } catch {
      throw error.under("entries.\(index)")
    }
  }

  /// Returns `true` for the error of a document that is not a group file: it is no JSON object, or does not name the
  /// format.
  private static func isForeign(_ rest: Data, _ error: Rejection) -> Bool {
    error.reason == .malformed
      || ![GroupFile.format, GroupFile.firstFormat].contains(where: rest.contains)
        && error.errors?.contains { $0.code == "unknown_format" } == false
  }

  /// The refusal of an export that is no whole document.
  package static let damaged = Rejection(
    .malformed, JSON.malformed.code, JSON.malformed.title,
    "This is not a whole export of KittyCash: it is cut off, or was changed by hand. Export the group again.")
  private static let foreign = Rejection(
    .malformed, JSON.malformed.code, JSON.malformed.title,
    "This is not a file that KittyCash exported. \(advice)")

  /// The advice for files of other programs.
  package static let advice =
    "This route takes the JSON of GET …/export. A file of another program goes to POST …/imports: see docs/import.md."
}

extension Data {
  fileprivate func contains(_ word: String) -> Bool { firstRange(of: Data(word.utf8)) != nil }
}

extension Rejection {
  /// The same errors, each with the path of the object before its field.
  fileprivate func under(_ path: String) -> Rejection {
    guard let errors else { return self }
    return .invalid(
      errors.map { FieldError(field: "\(path).\($0.field)", code: $0.code, message: $0.message) })
  }
}
