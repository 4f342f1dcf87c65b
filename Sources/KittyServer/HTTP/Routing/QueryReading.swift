import KittyShared

/// The query parameters of a request, read as values. Both `Call` and `GroupCall` have them.
protocol QueryReading {
  /// The parameters by name; the names are those that the route knows.
  var query: [String: String] { get }
}

extension QueryReading {
  /// Reads the part of a list that the client asks for.
  func page(default: Int = PageRequest.defaultLimit) throws(Rejection) -> PageRequest {
    var limit = `default`
    if let text = query["limit"] {
      guard let number = Int64(canonical: text), PageRequest.limits.contains(Int(number)) else {
        throw .invalid(
          "limit", "out_of_range",
          "limit must be a number from \(PageRequest.limits.lowerBound) to \(PageRequest.limits.upperBound).")
      }
      limit = Int(number)
    }
    return PageRequest(limit: limit, cursor: query["cursor"])
  }

  /// Reads the position in the change sequence after which a list of changes starts: from the cursor, otherwise from
  /// `since`.
  /// - Returns: `nil` when the client does not ask for changes.
  /// - Throws: `Rejection.invalid`, also for filters: the client would miss a change that takes an item out of a
  ///   filtered list.
  func since() throws(Rejection) -> Int64? {
    guard let text = query["since"] else { return nil }
    for name in query.keys.sorted() where !["since", "limit", "cursor"].contains(name) {
      throw .invalid(
        name, "not_with_since", "since gives every change, deletions included. Leave \(name) out.")
    }
    guard let since = Int64(canonical: text) else {
      throw .invalid(
        "since", "not_a_sequence", "since must be a sequence from a response, or 0 for everything.")
    }
    guard let cursor = query["cursor"] else { return since }
    return try Cursor.sequence(cursor)
  }

  /// Reads a boolean parameter; `false` when left out.
  func flag(_ name: String) throws(Rejection) -> Bool {
    switch query[name] {
    case nil, "false": return false
    case "true": return true
    default: throw .invalid(name, "not_a_flag", "\(name) must be true or false.")
    }
  }

  /// Reads a day; `nil` when left out.
  func day(_ name: String) throws(Rejection) -> Day? {
    guard let text = query[name] else { return nil }
    guard let day = Day(text) else {
      throw .invalid(name, "not_a_date", "Write a valid date such as 2026-11-24, not before 1900.")
    }
    return day
  }

  /// Reads the days `from` and `to`, both included.
  /// - Throws: `Rejection.invalid` when `to` is before `from`.
  func days() throws(Rejection) -> (from: Day?, to: Day?) {
    let (from, to) = (try day("from"), try day("to"))
    if let from, let to, from > to {
      throw .invalid("to", "out_of_order", "to is before from, so there is no day between them.")
    }
    return (from, to)
  }

  /// Reads the size of a photo; large when left out.
  func variant() throws(Rejection) -> PhotoVariant {
    guard let text = query["size"] else { return .large }
    guard let variant = PhotoVariant(rawValue: text) else {
      throw .invalid("size", "unknown_size", "size must be large, small or preview.")
    }
    return variant
  }
}

extension Int64 {
  /// Reads a number of digits only, without leading zeros: `+5` and `05` are not accepted.
  init?(canonical text: String) {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0"),
      let number = Int64(text)
    else { return nil }
    self = number
  }
}
