import KittyShared

/// A table of plain text for a terminal.
enum TextTable {
  /// Aligns columns under their heads. The last column is not padded. A cell is one line without invisible controls: it
  /// may repeat text of users and of other machines.
  static func text(_ head: [String], _ rows: [[String]]) -> String {
    let lines = ([head] + rows).map { $0.map(oneLine) }
    let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      zip(line, widths).dropLast().map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }.joined(separator: "  ") + "  " + (line.last ?? "")
    }.map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }

  private static func oneLine(_ text: String) -> String {
    text.withPlainLines.replacingScalars { $0 == "\n" ? " " : nil }.withoutInvisibleControls
  }
}
