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
    let before = try old.map(fields) ?? [:]
    let after = try fields(new)
    return Set(before.keys).union(after.keys).sorted().compactMap { name in
      before[name] == after[name] ? nil : Change(field: name, old: before[name], new: after[name])
    }
  }
}

extension History {
  /// Makes the history from all revisions of an entry, oldest first.
  /// - Throws: `EncodingError` or `DecodingError`; either would be a bug.
  init(of revisions: [GroupFile.FileRevision]) throws {
    var before: EntryContent?
    self.init(
      revisions: try revisions.enumerated().map { index, revision in
        defer { before = revision.content }
        return Revision(
          version: Int64(index + 1), action: revision.action, by: revision.by, at: revision.at,
          changes: try Revision.changes(from: before, to: revision.content))
      })
  }
}
