import KittyShared
import Testing

@testable import KittyTUI

struct WidgetTests {
  @Test func aCanvasTakesNothingOutside() {
    var canvas = Canvas(width: 4, height: 2)
    for (row, column) in [(-1, 0), (2, 0), (0, 4), (0, 99), (1, -3)] {
      canvas.draw("xyz", row: row, column: column)
    }
    canvas.draw("中中中", row: 0, column: 1)
    #expect(canvas.text == " 中…\nxyz")
    canvas.placeCursor(row: 99, column: -5)
    #expect(canvas.cursor?.row == 1 && canvas.cursor?.column == 0)
    #expect(Canvas(width: -3, height: 0).text == "")
  }

  @Test func aFieldIsEditedAsInAShell() {
    var field = TextField("one two", limit: 10)
    #expect(field.edit(.control("w")) && field.text == "one ")
    #expect(field.edit(.paste("a\nb\n")) && field.text == "one a b")
    #expect(field.edit(.control("a")) && field.edit(.delete) && field.text == "ne a b")
    #expect(field.edit(.right) && field.edit(.control("k")) && field.text == "n")
    #expect(field.edit(.control("u")) && field.text == "")
    _ = field.edit(.paste("0123456789abc"))
    #expect(field.text == "0123456789")
    #expect(!field.edit(.enter) && !field.edit(.up))
  }

  @Test func wordsAreWalked() {
    var field = TextField("two  words é")
    var places: [Int] = []
    for key in [
      Key.wordLeft, .wordLeft, .wordLeft, .wordLeft, .wordRight, .wordRight, .wordRight, .wordRight,
    ] {
      let isUsed = field.edit(key)
      #expect(isUsed)
      places.append(field.position)
    }
    #expect(places == [11, 5, 0, 0, 3, 10, 12, 12])
  }

  @Test func aLongFieldShowsWhereTheCursorIs() {
    var canvas = Canvas(width: 10, height: 1)
    TextField("abcdefghijklmnop").view(into: &canvas, row: 0, column: 0, width: 8, isActive: true)
    #expect(canvas.text == "…klmnop")
    #expect(canvas.cursor?.column == 7)
    var masked = Canvas(width: 10, height: 1)
    TextField("secret", isMasked: true).view(into: &masked, row: 0, column: 0, width: 8, isActive: true)
    #expect(masked.text == "••••••")
  }

  @Test func typedMarkJoinsItsLetter() {
    var field = TextField("Jose")
    #expect(field.edit(.character("\u{301}")) && field.characters == ["J", "o", "s", "é"])
    #expect(field.edit(.character("s")) && field.text == "Josés")
    #expect(field.edit(.backspace) && field.edit(.backspace) && field.text == "Jos")
    var canvas = Canvas(width: 10, height: 1)
    TextField("e\u{301}").view(into: &canvas, row: 0, column: 0, width: 8, isActive: true)
    #expect(canvas.text == "é" && canvas.cursor?.column == 1)
  }

  @Test func leastImportantPartOfARowGoesFirst() {
    let row = Row(
      left: [.cut("Constantin", rank: 1, least: 6)],
      right: [.whole("is owed", rank: 2), .whole("+1,234.50 EUR", rank: 0)])
    func text(_ width: Int) -> String {
      var canvas = Canvas(width: width, height: 1)
      row.draw(into: &canvas, row: 0, columns: 0..<width)
      return canvas.text
    }
    #expect(text(40) == "Constantin        is owed  +1,234.50 EUR")
    #expect(text(29) == "Const… is owed  +1,234.50 EUR")
    #expect(text(28) == "Constantin     +1,234.50 EUR")
    #expect(text(20) == "Const… +1,234.50 EUR")
    #expect(text(16) == "C… +1,234.50 EUR")
    #expect(text(14) == " +1,234.50 EUR")
    #expect(text(12) == "Constantin …")
  }

  @Test func pairOfNamesKeepsBoth() {
    #expect(SafeText.pair("Anna", " → ", "Bob", width: 20).string == "Anna → Bob")
    #expect(SafeText.pair("Constantin", " → ", "Bernadette", width: 13).string == "Cons… → Bern…")
    #expect(SafeText.pair("Constantin", " → ", "Bob", width: 11).string == "Cons… → Bob")
  }

  @Test func barsAreInProportionAndNeverVanish() {
    #expect(BalanceBars.cells(100, largest: 100, half: 20) == 20)
    #expect(BalanceBars.cells(-50, largest: 100, half: 20) == 10)
    #expect(BalanceBars.cells(1, largest: 1_000_000, half: 20) == 1)
    #expect(BalanceBars.cells(0, largest: 100, half: 20) == 0)
    #expect(BalanceBars.cells(.min, largest: Int64.min.magnitude, half: 20) == 20)
    #expect(BalanceBars.cells(5, largest: 5, half: 0) == 0)
  }

  @Test func zeroLineIsTheSameForAllNames() {
    let balances = ["Anna", String(repeating: "漢", count: 64), "Carl Constantin von Langenname"].map { name in
      Balance(account: .member(Fixtures.id(1)), name: name, currency: Fixtures.eur, paid: 5000, share: 0)
    }
    var canvas = Canvas(width: 80, height: 3)
    BalanceBars(balances, me: Fixtures.id(2)).table(balances.indices).draw(
      into: &canvas, rows: 0..<3, columns: 0..<80)
    let zeros = canvas.cells.map { $0.firstIndex { $0.character == "│" } }
    #expect(zeros[0] != nil && Set(zeros).count == 1)
  }

  @Test func signAndWordsSayWhatTheColourSays() {
    #expect(BalanceBars.words(1, isMe: true) == "you are owed")
    #expect(BalanceBars.words(-1, isMe: true) == "you owe")
    #expect(BalanceBars.words(-1, isMe: false) == "owes")
    #expect(BalanceBars.words(0, isMe: false) == "settled")
    #expect(BalanceBars.signed(Amount(5, Fixtures.eur)) == "+0.05")
    #expect(BalanceBars.signed(Amount(-123_456, Fixtures.eur)) == "-1,234.56")
  }

  @Test func aListKeepsTheSelectionInView() {
    var selection = ListSelection<Int>()
    let items = Array(0..<100)
    selection.update(items)
    #expect(selection.visible(in: items, height: 10) == 0..<10)
    _ = selection.move(.bottom, in: items, page: 10)
    #expect(selection.visible(in: items, height: 10) == 90..<100)
    _ = selection.move(.pageUp, in: items, page: 10)
    #expect(selection.visible(in: items, height: 10).contains(89))
    // Its item goes: the nearest line is selected.
    selection.update(items.filter { $0 != 89 })
    #expect(selection.selected == 90)
    selection.update([])
    #expect(selection.selected == nil)
    #expect(selection.visible(in: [], height: 10).isEmpty)
  }

  @Test func noKeyMeansTwoThingsOnAScreen() {
    let others: [any Screen] = [
      GroupForm(id: .first), ExpenseForm(Fixtures.data, id: .first, today: .last),
      PhotoScreen(.me, title: "x"),
    ]
    for screen in KeyMap.samples + others {
      let keys = screen.bindings.flatMap(\.keys)
      #expect(keys.count == Set(keys).count, "\(screen.title.string)")
      for binding in screen.bindings {
        #expect(!binding.shown.string.isEmpty && !binding.help.string.isEmpty)
      }
    }
  }

  @Test func aPictureFillsItsBoxAndNoMore() throws {
    let pixels: [UInt8] = (0..<(40 * 20)).flatMap { [UInt8($0 % 256), 80, 160] as [UInt8] }
    let preview = try #require(Preview(ppm: Array("P6\n40 20\n255\n".utf8) + pixels))
    for (width, height) in [(80, 24), (10, 3), (1, 1), (200, 2)] {
      let cells = PhotoCells.cells(of: preview, width: width, height: height, palette: .colours256)
      #expect(cells.count <= height && cells.allSatisfy { $0.count <= width })
    }
    let cells = PhotoCells.cells(of: preview, width: 40, height: 20, palette: .colours256)
    #expect(cells.count == 10 && cells[0].count == 40)
    let coloured = cells[0].contains {
      if case .picture(let foreground, _) = $0.style { foreground >= 16 } else { false }
    }
    #expect(coloured)
    #expect(PhotoCells.cells(of: preview, width: 0, height: 5, palette: .monochrome).isEmpty)
  }
}
