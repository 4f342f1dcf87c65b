extension StringProtocol {
  /// The text without white space at both ends. A mark that follows white space is text: it stays, and the white space
  /// before it.
  package var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(self[first..<scalars.index(after: last)])
  }

  /// The text with one kind of line end and no tabs: each CR LF and each CR is a line feed, each tab a space. Files and
  /// clipboards of other systems have them.
  package var withPlainLines: String {
    var plain = String.UnicodeScalarView()
    var isAfterReturn = false
    for scalar in unicodeScalars {
      switch scalar {
      case "\r": plain.append("\n")
      case "\n": if !isAfterReturn { plain.append("\n") }
      case "\t": plain.append(" ")
      default: plain.append(scalar)
      }
      isAfterReturn = scalar == "\r"
    }
    return String(plain)
  }

  /// The text with each scalar replaced by what `body` returns. A text is changed scalar by scalar wherever another
  /// program reads it by scalars or bytes: a quotation mark and a mark on it are one `Character`, which is not `"\""`.
  package func replacingScalars(_ body: (Unicode.Scalar) -> String?) -> String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if let replacement = body(scalar) {
        text.append(contentsOf: replacement.unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }

  /// The first `count` scalars, for a text that is repeated in a message or a log line: one `Character` can have any
  /// number of marks.
  package func cut(to count: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(count))) }
}
