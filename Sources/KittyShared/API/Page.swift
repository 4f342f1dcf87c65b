/// A part of a list, in the list's order.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
  /// The items of this part.
  public let items: [Item]
  /// What to send as `cursor` for the part that follows; `nil` at the end. It has no meaning to a client.
  public let next: String?
  /// What to send as `since` for what changes from here on, in lists that have that: once all parts were
  /// read, nothing is missed.
  public let sequence: Int64?

  /// Makes a page.
  public init(items: [Item], next: String?, sequence: Int64? = nil) {
    self.items = items
    self.next = next
    self.sequence = sequence
  }
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable {
  /// How many items at most: 1 to 200.
  public let limit: Int
  /// Where the part before ended; `nil` for the start.
  public let cursor: String?

  /// How many items a page may have.
  public static let limits = 1...200
  /// How many it has unless asked otherwise.
  public static let defaultLimit = 50

  /// Makes a request for `limit` items after `cursor`.
  public init(limit: Int = defaultLimit, cursor: String? = nil) {
    self.limit = limit
    self.cursor = cursor
  }
}
