import KittyShared

/// The bytes that rows of a group take in the database, as its quota counts them: the text, and a fixed number for the
/// other columns and the indexes. The bytes of receipts are added. Photos are not counted: a group and a user have one each, of limited size.
enum GroupBytes {
  /// Returns the bytes of a revision with its postings.
  static func of(content: String, postings: Int) -> Int64 {
    Int64(content.utf8.count + 200 + 150 * postings)
  }

  /// Returns the bytes of a comment.
  static func of(comment text: String) -> Int64 { Int64(text.utf8.count + 200) }
}
