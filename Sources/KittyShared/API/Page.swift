/// One page of a list, in the list's order. It can end before the number of items that was asked for, once it has about a
/// MiB.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
  /// The items of this page.
  package let items: [Item]
  /// The `cursor` of the next page; `nil` on the last page. Opaque to clients.
  package let next: String?
  /// The `since` for the changes after this list, in lists that support it: after all pages are
  /// read, no change is missed.
  package let sequence: Int64?
  /// The number and the sums of all entries of a list of entries, when the request asked for them.
  package let totals: EntryTotals?

  package init(items: [Item], next: String?, sequence: Int64? = nil, totals: EntryTotals? = nil) {
    self.items = items
    self.next = next
    self.sequence = sequence
    self.totals = totals
  }
}

/// A request for one page of a list.
package struct PageRequest: Sendable {
  /// The maximum number of items: 1 to 200, if the request names it.
  package let limit: Int
  /// The cursor after the previous page; `nil` for the first page.
  package let cursor: String?

  /// The allowed numbers of items of a page.
  package static let limits = 1...200
  /// The number of items when the request names none.
  package static let defaultLimit = 50
  /// The number of items when the request names none, for a list that had no pages once: about a MiB, so that a client
  /// that reads one page of it rarely misses any.
  package static let wholeLimit = 2500

  /// Creates a request for `limit` items after `cursor`.
  package init(limit: Int = defaultLimit, cursor: String? = nil) {
    self.limit = limit
    self.cursor = cursor
  }
}
