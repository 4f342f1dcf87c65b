/// The result of a dry run: the entry that the request would create.
package struct EntryPreview: Codable, Hashable, Sendable {
  /// The id that decides which member bears a leftover unit. A request with this id creates exactly this entry.
  package let id: ID
  /// The content of the entry.
  package let entry: EntryContent
  /// The balances with the entry.
  package let balances: [Balance]

  package init(id: ID, entry: EntryContent, balances: [Balance]) {
    self.id = id
    self.entry = entry
    self.balances = balances
  }
}

/// The response to the creation of an entry: the entry, or its preview for a dry run.
package enum Entered: Codable, Hashable, Sendable {
  /// The entry was created.
  case entry(Entry)
  /// Nothing was written.
  case preview(EntryPreview)

  /// Reads an entry or a preview.
  package init(from decoder: any Decoder) throws {
    enum Key: CodingKey { case entry }
    let isPreview = try decoder.container(keyedBy: Key.self).contains(.entry)
    self = isPreview ? .preview(try EntryPreview(from: decoder)) : .entry(try Entry(from: decoder))
  }

  /// Writes the entry or the preview, without a wrapper.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .entry(let entry): try entry.encode(to: encoder)
    case .preview(let preview): try preview.encode(to: encoder)
    }
  }
}
