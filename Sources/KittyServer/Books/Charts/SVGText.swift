/// The elements of a drawing as text. Lengths are whole hundredths of a pixel, so that the same numbers give the same bytes on
/// every machine.
enum SVGText {
  /// Returns a text with the characters that have a meaning in XML escaped, and without those that it forbids.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{7f}"..<"\u{a0}", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Returns a length in pixels: `12`, `12.5` or `12.25`.
  static func length(_ hundredths: Int64) -> String {
    let (whole, rest) = (hundredths.magnitude / 100, hundredths.magnitude % 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Returns a text element.
  static func text(_ text: String, _ x: Int64, _ y: Int64, anchor: String = "start", weight: String = "")
    -> String
  {
    let bold = weight.isEmpty ? "" : " font-weight=\"\(weight)\""
    return
      "<text x=\"\(length(x))\" y=\"\(length(y))\" text-anchor=\"\(anchor)\"\(bold)>\(escaped(text))</text>\n"
  }

  /// Returns a rectangle with a title, which a reader shows beside it.
  static func bar(_ x: Int64, _ y: Int64, _ width: Int64, _ height: Int64, _ colour: String, _ title: String)
    -> String
  {
    "<rect x=\"\(length(x))\" y=\"\(length(y))\" width=\"\(length(width))\" height=\"\(length(height))\" "
      + "fill=\"\(colour)\" stroke=\"#222\" stroke-width=\"0.5\"><title>\(escaped(title))</title></rect>\n"
  }

  /// Returns a straight line.
  static func line(_ x1: Int64, _ y1: Int64, _ x2: Int64, _ y2: Int64, _ colour: String) -> String {
    "<line x1=\"\(length(x1))\" y1=\"\(length(y1))\" x2=\"\(length(x2))\" y2=\"\(length(y2))\" "
      + "stroke=\"\(colour)\" stroke-width=\"1\"/>\n"
  }
}
