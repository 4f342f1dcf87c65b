import KittyShared

/// The details of a group that the list of groups shows besides the group itself. They are kept, so that a group is only
/// read for them after it has changed.
struct GroupDigest: Codable, Hashable, Sendable {
  let group: ID
  /// The sequence of the group when it was read.
  let sequence: Int64
  /// The first day of the month of `parts`.
  let month: Day
  /// The user's parts of the expenses of the month; `nil` when they are too many to read, or a sum is too large.
  let parts: [Part]?
  /// `true` when two accounts have a balance, so that one payment settles it.
  let isSettledByOne: Bool
  /// The changes of other users since the user looked at the group.
  var news: News

  /// Forgets the news that the user has seen.
  mutating func forgetNews(upTo seen: Int64) {
    if seen >= sequence { news = .none }
  }

  /// The user's parts of the expenses of a day in one currency.
  struct Part: Codable, Hashable, Sendable {
    let day: Day
    /// Their sum.
    let money: Money
    let count: Int
    /// The largest of them, with the description of its expense.
    let largest: Int64
    let description: String
  }

  /// The changes since the user looked at the group.
  struct News: Codable, Hashable, Sendable {
    static let none = News(count: 0, isMore: false, words: [])

    let count: Int
    /// `true` when there are more than `count`.
    let isMore: Bool
    /// The latest of them, the newest first.
    let words: [String]
  }
}
