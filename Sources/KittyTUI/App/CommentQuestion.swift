import KittyShared

/// A question to the server: the entries with comments that meet a filter. Comments are not held here, and a word of a
/// filter is looked for in them too.
struct CommentQuestion: Hashable, Sendable {
  /// The filter, in its plain form.
  let filter: String
  /// The state of the group for which it was asked.
  let sequence: Int64

  /// The most entries of an answer: more would be many requests for a letter. A longer filter has fewer.
  static let most = 2000

  /// The filter that the server is asked: of the entries with comments alone, unless that is too long.
  var query: String {
    let narrowed = "has:comment (\(filter))"
    return (try? Filter(narrowed)) == nil ? filter : narrowed
  }
}
