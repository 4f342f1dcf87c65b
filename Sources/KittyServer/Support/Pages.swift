/// Reading a long list in pages.
enum Pages {
  private static let size = 500

  /// Reads all pages of a list.
  /// - Parameter page: Returns the rows after the last one of the page before, up to the limit.
  static func all<Row>(_ page: (_ last: Row?, _ limit: Int) async throws -> [Row]) async throws -> [Row] {
    var rows: [Row] = []
    while true {
      let next = try await page(rows.last, size)
      rows += next
      if next.count < size { return rows }
    }
  }
}
