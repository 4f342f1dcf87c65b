import FoundationEssentials
import KittyShared

extension Revision {
  /// Returns the fields that differ between two contents, in the order of their names.
  /// - Throws: `EncodingError` or `DecodingError`; either would be a bug.
  static func changes(from old: EntryContent?, to new: EntryContent) throws -> [Change] {
    func fields(_ content: EntryContent) throws -> [String: JSONValue] {
      guard case .object(let fields) = try JSON.decode(JSONValue.self, from: JSON.encode(content)) else {
        return [:]
      }
      return fields
    }
    var old = old
    var new = new
    // The large fields, where they did not change, need no JSON.
    if old?.split == new.split {
      old?.split = nil
      new.split = nil
    }
    if old?.shares == new.shares {
      old?.shares = nil
      new.shares = nil
    }
    if old?.payers == new.payers {
      old?.payers = nil
      new.payers = nil
    }
    let before = try old.map(fields) ?? [:]
    let after = try fields(new)
    return Set(before.keys).union(after.keys).sorted().compactMap { name in
      before[name] == after[name] ? nil : Change(field: name, old: before[name], new: after[name])
    }
  }
}

extension History {
  /// Makes a page of the history of an entry from its revisions, oldest first.
  /// - Parameters:
  ///   - version: The version before the first one.
  ///   - content: The content before the first one; `nil` for version 0.
  /// - Throws: `EncodingError` or `DecodingError`; either would be a bug.
  init(
    of revisions: [GroupFile.FileRevision], after version: Int64, _ content: EntryContent?, next: String?
  ) throws {
    var before = content
    self.init(
      revisions: try revisions.enumerated().map { index, revision in
        defer { before = revision.content }
        return Revision(
          version: version + Int64(index + 1), action: revision.action, by: revision.by, at: revision.at,
          changes: try Revision.changes(from: before, to: revision.content))
      }, next: next)
  }
}
