import KittyShared

extension ImportedDocument {
  /// The lines, without their ends.
  var lines: [String] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(String.UnicodeScalarView(line.last == "\r" ? line.dropLast() : line))
    }
  }
}

// Lines of journals are read by scalars: a mark behind a space or a quotation mark is one `Character` with it.
extension String {
  /// Returns the text behind its beginning; `nil` when it begins otherwise.
  func after(_ start: String) -> String? {
    guard unicodeScalars.starts(with: start.unicodeScalars) else { return nil }
    return String(unicodeScalars.dropFirst(start.unicodeScalars.count))
  }

  /// Returns the text before its end; `nil` when it ends otherwise.
  func before(_ end: String) -> String? {
    guard unicodeScalars.reversed().starts(with: end.unicodeScalars.reversed()) else { return nil }
    return String(unicodeScalars.dropLast(end.unicodeScalars.count))
  }

  /// Returns the text before the first place of a mark, and that behind it; `nil` without one.
  func divided(by mark: String) -> (String, String?) {
    var rest = unicodeScalars[...]
    while !rest.isEmpty {
      if rest.starts(with: mark.unicodeScalars) {
        let behind = rest.dropFirst(mark.unicodeScalars.count)
        return (String(unicodeScalars[..<rest.startIndex]), String(behind))
      }
      rest.removeFirst()
    }
    return (self, nil)
  }
}

extension Rejection {
  /// The rejection of a line of a journal that KittyCash did not write.
  static func foreignLine(_ line: String, _ place: ImportPlace) -> Rejection {
    .unreadable(
      place, "foreign_line",
      "KittyCash does not write a line like \"\(line.cut(to: 60))\". Only journals that it wrote are read: remove what was added."
    )
  }
}
