import KittyShared

extension Photo {
  /// Decodes the three columns of a photo; `nil` when they are null.
  init?(from columns: inout RowReader) throws {
    let hash: String? = try columns.next()
    let width: Int? = try columns.next()
    let height: Int? = try columns.next()
    guard let hash, let width, let height else { return nil }
    self.init(hash: hash, width: width, height: height)
  }
}
