import FoundationEssentials
import HTTPTypes
import KittyShared

/// Where a page ended: the keys of its last item, in a form that means nothing to a client.
enum Cursor {
  /// Packs keys that have no `,` in them.
  static func pack(_ keys: any CustomStringConvertible...) -> String {
    Data(keys.map(\.description).joined(separator: ",").utf8).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// The keys that were packed.
  /// - Throws: `Problem.invalid` when the text did not come from `pack` with this many keys.
  static func unpack(_ text: String, count: Int) throws(Problem) -> [String] {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
    let keys = Data(base64Encoded: padded).map { String(decoding: $0, as: UTF8.self).split(separator: ",") }
    guard let keys, keys.count == count else { throw invalid }
    return keys.map(String.init)
  }

  /// The id with which a page ended.
  /// - Throws: `Problem.invalid`.
  static func id(_ text: String) throws(Problem) -> ID {
    guard let id = ID(try unpack(text, count: 1)[0]) else { throw invalid }
    return id
  }

  /// The day and the number of the entry with which a page ended.
  /// - Throws: `Problem.invalid`.
  static func place(_ text: String) throws(Problem) -> (date: Day, number: Int64) {
    let keys = try unpack(text, count: 2)
    guard let date = Day(keys[0]), let number = Int64(keys[1]) else { throw invalid }
    return (date, number)
  }

  /// 422.
  static let invalid = Problem.invalid(
    "cursor", "not_a_cursor", "Send the cursor exactly as an answer's \"next\" or Link header gave it.")
}

extension Reply {
  /// The page of the items that were read, with one more asked for than fit: that one tells that more
  /// follow. Adds the `Link` header.
  static func page<Item>(
    _ items: [Item], _ asked: PageRequest, of call: Call, cursor: (Item) -> String
  ) -> Self where Output == Page<Item> {
    let shown = Array(items.prefix(asked.limit))
    let next = items.count > asked.limit ? shown.last.map(cursor) : nil
    return Reply(Page(items: shown, next: next)).linked(next, of: call)
  }

  /// Adds the `Link` header that leads to the part that follows, if one does.
  func linked(_ next: String?, of call: Call) -> Self {
    guard let next else { return self }
    var reply = self
    var parameters = call.query.filter { $0.key != "cursor" }
    parameters["cursor"] = next
    let query = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    reply.headers[.link] = "<\(call.request.uri.path)?\(query)>; rel=\"next\""
    return reply
  }
}
