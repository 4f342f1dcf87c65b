import KittyShared
import Testing

@testable import KittyTUI

/// The columns of lists.
struct ListTableTests {
  private let table = ListTable(
    columns: [
      .init(rank: 1, least: 6, fills: true),
      .init(title: "who", rank: 2),
      .init(title: "amount", rank: 0, edge: .right),
    ],
    rows: ([
      ("Cheese and wine", "Bob", 840, "EUR"), ("Sushi", "you", 8000, "JPY"), ("Oud", "Al", -1_234_567, "KWD"),
    ] as [(SafeText, SafeText, Int64, String)])
    .map { what, who, amount, code in
      [.text(what), .text(who), .amount(Amount(amount, Currency(code: code)!))]
    })

  private func canvas(_ table: ListTable, _ width: Int, height: Int = 3, selected: Int? = nil) -> Canvas {
    var canvas = Canvas(width: width, height: height)
    table.draw(into: &canvas, rows: 0..<height, columns: 0..<width, selected: selected)
    return canvas
  }

  @Test func amountsStandOnTheDecimalMark() {
    let rows = [
      "  Cheese and wine   Bob       8.40  EUR", "  Sushi             you   8,000     JPY",
      "  Oud               Al   -1,234.567 KWD",
    ]
    #expect(canvas(table, 39).text == rows.joined(separator: "\n"))
    #expect(canvas(table, 42).overdrawn == 0)
  }

  @Test func leastImportantColumnGoesFirstInAllRows() {
    let narrow = canvas(table, 25).text
    #expect(!narrow.contains("Bob") && !narrow.contains("you") && narrow.contains("-1,234.567 KWD"))
    #expect(narrow.contains("Cheese…") && narrow.contains("8,000     JPY"))
  }

  @Test func amountIsWholeOrLeftOut() {
    for width in 0...60 {
      let canvas = canvas(table, width)
      #expect(canvas.overdrawn == 0)
      for line in canvas.text.split(separator: "\n") {
        for word in line.split(separator: " ") where word.contains(where: \.isNumber) {
          #expect(["8.40", "8,000", "-1,234.567"].contains(word), "\(width): \(line)")
        }
      }
    }
  }

  @Test func selectedRowIsLitFromEndToEnd() {
    let canvas = canvas(table, 40, selected: 1)
    #expect(canvas.cells[1].allSatisfy { $0.style == .selected })
    #expect(!canvas.cells[0].contains { $0.style == .selected })
    #expect(canvas.cursor?.row == 1 && canvas.cursor?.column == 0 && canvas.text.contains("\n> Sushi"))
  }

  @Test func lineIsNoWiderThanTheEyeFollows() {
    #expect(ListTable.columns(in: 250).count == 102 && ListTable.columns(in: 80) == 0..<80)
  }

  @Test func rowOfTwoLinesIsDrawnWholeOrNot() {
    let two = ListTable(
      columns: [
        .init(rank: 1, least: 6, fills: true),
        .init(rank: 1, fills: true, line: 1),
        .init(rank: 0, edge: .right),
      ], rows: table.rows, lines: 2)
    let text = canvas(two, 30, height: 5).text
    #expect(text.contains("\n    Bob\n") && text.contains("Sushi") && !text.contains("Oud"))
  }

  @Test func headingStandsOverItsColumn() throws {
    var canvas = Canvas(width: 42, height: 4)
    table.drawTitles(into: &canvas, row: 0, columns: 0..<42)
    table.draw(into: &canvas, rows: 1..<4, columns: 0..<42)
    let rows = canvas.cells.map { String($0.compactMap(\.character)) }
    let start = try #require(rows[0].firstRange(of: "who")).lowerBound
    #expect(rows[1][start...].hasPrefix("Bob") && rows[0].hasSuffix("amount"))
    #expect(table.firstTitle(in: 0..<42) == rows[0].distance(from: rows[0].startIndex, to: start))
  }
}
