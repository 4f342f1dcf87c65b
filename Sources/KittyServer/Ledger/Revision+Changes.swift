import FoundationEssentials
import KittyShared

extension Revision {
  /// What a change did, field by field.
  /// - Throws: `EncodingError` or `DecodingError`, which would be a fault of the program.
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
