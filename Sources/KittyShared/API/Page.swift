/// A part of a list, in the list's order.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
  /// The items of this part.
  package let items: [Item]
  /// What to send as `cursor` for the part that follows; `nil` at the end. It has no meaning to a client.
  package let next: String?
  /// What to send as `since` for what changes from here on, in lists that have that: once all parts were
  /// read, nothing is missed.
  package let sequence: Int64?

  package init(items: [Item], next: String?, sequence: Int64? = nil) {
    self.items = items
    self.next = next
    self.sequence = sequence
  }
}

/// Which part of a list is wanted.
package struct PageRequest: Sendable {
  /// How many items at most: 1 to 200.
  package let limit: Int
  /// Where the part before ended; `nil` for the start.
  package let cursor: String?

  /// How many items a page may have.
  package static let limits = 1...200
  /// How many it has unless asked otherwise.
  package static let defaultLimit = 50

  /// Makes a request for `limit` items after `cursor`.
  package init(limit: Int = defaultLimit, cursor: String? = nil) {
    self.limit = limit
    self.cursor = cursor
  }
}
