import HTTPTypes
import KittyShared

/// The end of a page: the keys of its last item, in a form that is opaque to clients.
enum Cursor {
  /// Packs keys, none of which contains `,`.
  static func pack(_ keys: any CustomStringConvertible...) -> String {
    Base64URL.encode(keys.map(\.description).joined(separator: ",").utf8)
  }

  /// Returns the keys that were packed.
  /// - Throws: `Rejection.invalid` when the text did not come from `pack` with this number of keys.
  static func unpack(_ text: String, count: Int) throws(Rejection) -> [String] {
    let keys = Base64URL.decode(text).map { String(decoding: $0, as: UTF8.self).split(separator: ",") }
    guard let keys, keys.count == count else { throw invalid }
    return keys.map(String.init)
  }

  /// Returns the id of the last item of a page.
  /// - Throws: `Rejection.invalid`.
  static func id(_ text: String) throws(Rejection) -> ID {
    guard let id = ID(try unpack(text, count: 1)[0]) else { throw invalid }
    return id
  }

  /// Returns the day and the number of the last entry of a page.
  /// - Throws: `Rejection.invalid`.
  static func place(_ text: String) throws(Rejection) -> (date: Day, number: Int64) {
    let keys = try unpack(text, count: 2)
    guard let date = Day(keys[0]), let number = Int64(keys[1]) else { throw invalid }
    return (date, number)
  }

  /// Returns the day, the group and the number of the last entry of a page with entries of several groups.
  /// - Throws: `Rejection.invalid`.
  static func groupPlace(_ text: String) throws(Rejection) -> GroupPlace {
    let keys = try unpack(text, count: 3)
    guard let date = Day(keys[0]), let group = ID(keys[1]), let number = Int64(keys[2]) else { throw invalid }
    return GroupPlace(date: date, group: group, number: number)
  }

  /// Returns the group or the member, and the currency, of the last balance of a page.
  /// - Throws: `Rejection.invalid`.
  static func balance(_ text: String) throws(Rejection) -> (id: ID, currency: Currency) {
    let keys = try unpack(text, count: 2)
    guard let id = ID(keys[0]), let currency = Currency(code: keys[1]) else { throw invalid }
    return (id, currency)
  }

  /// Returns the sequence number of the last change of a page.
  /// - Throws: `Rejection.invalid`.
  static func sequence(_ text: String) throws(Rejection) -> Int64 {
    guard let sequence = Int64(try unpack(text, count: 1)[0]), sequence > 0 else { throw invalid }
    return sequence
  }

  /// Splits the cursor of a list that can be followed into the keys and the `sequence` of the first page.
  /// - Throws: `Rejection.invalid`.
  static func split(_ text: String) throws(Rejection) -> (keys: String, sequence: Int64) {
    guard let dot = text.lastIndex(of: "."), let sequence = Int64(text[dot...].dropFirst()), sequence >= 0
    else { throw invalid }
    return (String(text[..<dot]), sequence)
  }

  /// 422.
  static let invalid = Rejection.invalid(
    "cursor", "not_a_cursor", "Send the cursor exactly as \"next\" or the Link header of a response gave it.")
}

extension Reply {
  /// Makes a page from the items that were read: one more than fit on it, if more follow. Adds the `Link` header.
  /// - Parameter size: Returns the size of an item in bytes, where items can be so large that the page must end earlier.
  static func page<Item>(
    _ items: [Item], _ request: PageRequest, of call: Call, size: (Item) -> Int = { _ in 0 },
    cursor: (Item) -> String
  ) -> Self where Output == Page<Item> {
    var bytes = 0
    let shown = Array(
      items.prefix(request.limit).prefix { item in
        defer { bytes += size(item) }
        return bytes < PageBytes.limit
      })
    let next = items.count > shown.count ? shown.last.map(cursor) : nil
    return Reply(Page(items: shown, next: next)).linked(next, of: call)
  }

  /// Makes a page of a list whose changes can be followed. All its pages have the `sequence` of the first one: a
  /// change made while they are read comes again, and none is missed.
  static func page<Item>(
    _ found: ListPage<Item>, _ request: PageRequest, of call: Call, totals: EntryTotals? = nil,
    cursor: (Item) -> String
  ) throws(Rejection) -> Self where Output == Page<Item> {
    let sequence = try request.cursor.map(Cursor.split)?.sequence ?? found.sequence
    let shown = Array(found.items.prefix(request.limit))
    let isMore = found.isCut || found.items.count > request.limit
    let next = isMore ? shown.last.map { "\(cursor($0)).\(sequence)" } : nil
    return Reply(Page(items: shown, next: next, sequence: sequence, totals: totals)).linked(next, of: call)
  }

  /// Makes a page of the items that changed.
  static func changes<Item>(_ found: ChangeSet<Item>, _ request: PageRequest, of call: Call) -> Self
  where Output == Page<Item> {
    let shown = found.items.prefix(request.limit)
    let last = shown.last?.sequence ?? 0
    let isMore = found.isCut || found.items.count > request.limit
    let next = isMore ? Cursor.pack(last) : nil
    // A change that was committed after the sequence was read may be on the page already.
    let sequence = isMore ? last : max(last, found.sequence)
    return Reply(Page(items: shown.map(\.item), next: next, sequence: sequence)).linked(next, of: call)
  }

  /// Adds the `Link` header to the next page, if there is one.
  func linked(_ next: String?, of call: Call) -> Self {
    guard let next else { return self }
    var reply = self
    var parameters = call.query.filter { $0.key != "cursor" }
    parameters["cursor"] = next
    let query = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(QueryText.encoded($0.value))" }
      .joined(separator: "&")
    // With two slashes at its start, a reference would name another host.
    let path = "/" + call.request.uri.path.drop { $0 == "/" }
    reply.headers[.link] = "<\(path)?\(query)>; rel=\"next\""
    return reply
  }
}
