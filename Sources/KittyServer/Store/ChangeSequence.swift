import KittyShared

/// The change sequence of a group. Each change of a group takes the next number in the statement that locks the row of
/// the group. So numbers are committed in their order: a reader that has seen one number has seen all lower ones.
struct ChangeSequence: Sendable {
  /// The number of the latest change.
  let now: Int64
  /// The number of the first change that is known. An import replaces all that existed before it, and does not report it
  /// as removed.
  let first: Int64

  /// Returns the statement that reads the change sequence of a group. Read it before the list it is returned with: then
  /// the list contains every change up to it.
  static func of(_ group: ID) -> SQL { "select sequence, first_sequence from groups where id = \(group)" }

  /// Decodes the rows of the statement `of`.
  /// - Throws: `Rejection` when the group does not exist.
  init(_ rows: [Row]) throws {
    guard let row = rows.first else { throw Rejection.notFound("group") }
    (now, first) = try row.decode(Int64.self, Int64.self)
  }

  /// - Throws: `Rejection` when the changes after `start` are not known.
  func require(_ start: Int64) throws(Rejection) {
    guard start <= now else {
      throw Self.listAgain("The change sequence of this group is at \(now), and \(start) does not exist yet")
    }
    guard start == 0 || start >= first else {
      throw Self.listAgain("An import replaced this group after \(start)")
    }
  }

  private static func listAgain(_ reason: String) -> Rejection {
    Rejection(
      .gone, "start_anew", "The changes since then are not known",
      "\(reason). Discard your copy of this group, and list it again from since=0.")
  }
}

/// A page of the items of a group, with the change sequence as it was before they were read.
struct ListPage<Item: Sendable>: Sendable {
  let items: [Item]
  let sequence: Int64
  /// `true` when more items were found, and left out because of their size.
  var isCut = false
}

/// Items that changed, each with the number of its latest change and in the order of these numbers; with the change
/// sequence as it was before they were read.
struct ChangeSet<Item: Sendable>: Sendable {
  let items: [(item: Item, sequence: Int64)]
  let sequence: Int64
  /// `true` when more items were found, and left out because of their size.
  var isCut = false
}
