import KittyShared

/// Where the change sequence of a group is. Every change of a group takes the next number with the statement
/// that holds the group's row: so numbers are committed in their order, and who has seen one has seen all
/// below it.
struct ChangeSequence: Sendable {
  /// The number of the latest change.
  let now: Int64
  /// What was there before this one is gone, and not told as removed: an import replaced it.
  let first: Int64

  /// Reads it. It is read before the list that it is told with, so that the list has all up to it.
  static func of(_ group: ID) -> SQL { "select sequence, first_sequence from groups where id = \(group)" }

  /// From the rows of `of`.
  /// - Throws: `Rejection` when the group is gone.
  init(_ rows: [Row]) throws {
    guard let row = rows.first else { throw Rejection.notFound("group") }
    (now, first) = try row.decode(Int64.self, Int64.self)
  }

  /// - Throws: `Rejection` when what changed after `place` cannot be told.
  func require(_ place: Int64) throws(Rejection) {
    guard place <= now else {
      throw Self.startAnew("The changes of this group are at \(now), and there is no \(place) yet")
    }
    guard place == 0 || place >= first else {
      throw Self.startAnew("The group was replaced by a file since \(place)")
    }
  }

  private static func startAnew(_ why: String) -> Rejection {
    Rejection(
      .gone, "start_anew", "The changes cannot be told from there",
      "\(why). Forget what you have of this group, and list it again from since=0.")
  }
}

/// Some items of a group, and where its change sequence was before they were read.
struct ListPage<Item: Sendable>: Sendable {
  let items: [Item]
  let sequence: Int64
}

/// Items that changed, each with the number of its latest change, in the order of these; and where the
/// change sequence was before they were read.
struct ChangeSet<Item: Sendable>: Sendable {
  let items: [(item: Item, sequence: Int64)]
  let sequence: Int64
}
