/// The reason why nothing was restored from a valid archive.
enum RestoreFailure: Error, CustomStringConvertible {
  case notEmpty
  case inconsistent

  var description: String {
    switch self {
    case .notEmpty:
      """
      This installation has users or groups already. A backup can only be restored into an empty installation: name \
      another data folder with --data, or an empty database with --database-url. Nothing was changed.
      """
    case .inconsistent:
      """
      The archive breaks the rules of the books: it was made of damaged books, or was changed afterwards. Nothing was \
      restored. Use another backup.
      """
    }
  }
}
