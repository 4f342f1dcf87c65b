@testable import KittyTUI

/// The decimal numbers on a canvas, which are amounts. The text of fields is left out: it scrolls.
struct ScreenNumbers {
  private var whole: Set<String> = []
  /// The numbers with a mark of a cut beside them.
  private var cut: Set<String> = []
  /// The numbers before a currency.
  private var amounts: Set<String> = []

  init(_ canvas: Canvas) {
    for row in canvas.cells {
      let line = String(row.compactMap { $0.style == .field && $0.character != nil ? "_" : $0.character })
      let words = line.split(whereSeparator: { " |│".contains($0) })
      for (index, word) in words.enumerated() {
        let bare = String(
          word.drop { "\"'(‹[=>".contains($0) }.reversed().drop { "\"'.,:;?!)…›]".contains($0) }.reversed())
        guard Self.isDecimal(bare) else { continue }
        if word.contains("…") { cut.insert(bare) } else { whole.insert(bare) }
        guard index + 1 < words.count else { continue }
        let code = words[index + 1].prefix { $0.isLetter }
        if code.count == 3, code.allSatisfy(\.isUppercase) { amounts.insert(bare) }
      }
    }
  }

  /// Returns the numbers that are not those of the large canvas: they have lost a digit or a sign.
  func wrong(beside large: ScreenNumbers) -> [String] {
    let known = large.whole.union(large.cut)
    return whole.filter { !known.contains($0) }
      + cut.filter { part in !known.contains(part) && large.amounts.contains { $0.hasPrefix(part) } }
  }

  private static func isDecimal(_ word: String) -> Bool {
    let digits = word.drop { "+-−".contains($0) }
    return digits.first?.isNumber == true && digits.contains { ".,".contains($0) }
      && digits.allSatisfy { $0.isNumber || ".,'".contains($0) }
  }
}
