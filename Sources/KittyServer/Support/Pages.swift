/// The size of a page of a list.
enum PageBytes {
  /// The number of bytes with which a page ends, whatever number of items was asked for: 1 MiB. The last item may go
  /// beyond it.
  static let limit = 1 << 20
}

/// Reading a long list in pages.
enum Pages {
  private static let size = 500

  /// Reads all pages of a list.
  /// - Parameter page: Returns the items after the last one of the page before, up to the limit.
  static func all<Item>(_ page: (_ last: Item?, _ limit: Int) async throws -> [Item]) async throws -> [Item] {
    var items: [Item] = []
    while true {
      let next = try await page(items.last, size)
      items += next
      if next.count < size { return items }
    }
  }
}
