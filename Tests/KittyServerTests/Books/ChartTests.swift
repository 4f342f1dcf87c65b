import Foundation
import KittyShared
import Testing

@testable import KittyServer

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Charts: their lengths, their texts and their bytes.
@Suite struct ChartTests {
  private static let eur = Currency(code: "EUR")!

  /// The elements of a drawing: those with a title have it as `title`.
  private final class Drawing: NSObject, XMLParserDelegate {
    private(set) var elements: [(name: String, attributes: [String: String], title: String)] = []
    private(set) var numbers = ""
    private var text = ""
    private var open: [Int] = []

    init(_ document: String) throws {
      super.init()
      let parser = XMLParser(data: Data(document.utf8))
      parser.delegate = self
      try #require(parser.parse(), "\(String(describing: parser.parserError))")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      text = ""
      open.append(elements.count)
      elements.append((name, attributes, ""))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      open.removeLast()
      if name == "title", let parent = open.last { elements[parent].title = text }
      if name == "desc" { numbers = text }
      text = ""
    }

    /// The bars with a title, and their lengths in pixels.
    func bars(_ length: String) -> [(title: String, length: Double)] {
      elements.filter { $0.name == "rect" && !$0.title.isEmpty }.map {
        ($0.title, Double($0.attributes[length] ?? "") ?? -1)
      }
    }
  }

  private static let columns = ChartTable(
    title: "Spending by month and category, EUR", heading: "Month",
    labels: ["2026-01", "2026-02", "2026-03"],
    series: [
      .init(name: "Food › Groceries", amounts: [12_345, 0, 6_000]),
      .init(name: "<Rent> & \"more\"", amounts: [80_000, 80_000, -20_000]),
    ], currency: eur, form: .columns)
  private static let bars = ChartTable(
    title: "Spending by category, EUR", heading: "Category", labels: ["Food", "Rent", "Refunds"],
    series: [.init(name: "Spent", amounts: [12_345, 240_000, -5_000])], currency: eur, form: .bars)
  private static let lines = ChartTable(
    title: "Balances, EUR", heading: "Day", labels: ["2026-01-31", "2026-02-28"],
    series: [.init(name: "Anna", amounts: [5000, 10_000]), .init(name: "Bob", amounts: [-5000, -10_000])],
    currency: eur, form: .lines)
  private static let empty = ChartTable(
    title: "Money in the kitty, EUR", heading: "Day", labels: [], series: [], currency: eur, form: .lines)

  private static let all = ["columns": columns, "bars": bars, "lines": lines, "empty": empty]

  @Test(arguments: all.keys.sorted()) func drawingIsTheGolden(name: String) throws {
    let table = try #require(Self.all[name])
    let document = SVGChart(table: table).document
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/chart-\(name).svg")
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(document.utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == document, "\(name)")
    #expect(try Drawing(document).numbers == table.text)
    #expect(!document.contains("<script") && !document.contains("href"))
  }

  @Test(arguments: [("columns", "height"), ("bars", "width")])
  func lengthsAreInProportion(name: String, length: String) throws {
    let table = try #require(Self.all[name])
    let drawing = try Drawing(SVGChart(table: table).document)
    let amounts = table.series.flatMap(\.amounts).filter { $0 != 0 }
    let bars = drawing.bars(length).filter { $0.title.contains(": ") }
    #expect(bars.count == amounts.count)
    let lengths = try bars.map { bar in
      let decimal = try #require(bar.title.split(separator: ": ").last?.split(separator: " ").first)
      return (amount: abs(try #require(Double(decimal))), length: bar.length)
    }
    let longest = try #require(lengths.max { $0.amount < $1.amount })
    #expect(longest.length > 50)
    for one in lengths {
      #expect(abs(one.length - longest.length * one.amount / longest.amount) <= 1, "\(one)")
    }
  }

  @Test func scaleHoldsEveryAmount() {
    for values: [Int64] in [
      [], [0], [1], [-1], [3, 17], [99, -1], [1_000_000_000_000, 7], [.max], [.min], [.max, .min], [5, 5],
    ] {
      let scale = ChartScale(values, length: 28_000)
      #expect(scale.low < scale.high, "\(values)")
      for value in values + [0] {
        #expect((0...28_000).contains(scale.place(value)), "\(values)")
      }
      #expect(scale.marks.count <= 8, "\(values)")
    }
  }

  @Test func tableIsCSVThatNoSpreadsheetRuns() {
    var table = Self.bars
    table = ChartTable(
      title: table.title, heading: "Category", labels: ["=1+1", "a, \"b\"", "x"], series: table.series,
      currency: Self.eur, form: .bars)
    #expect(
      table.csv
        == "\u{feff}Category,Spent (EUR)\r\n'=1+1,123.45\r\n\"a, \"\"b\"\"\",2400.00\r\nx,-50.00\r\n")
  }

  @Test(arguments: Backend.available) func sameBooksGiveTheSameBytes(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["<b> & co", "Bob"]) { books in
      for path in ["/charts/spending.svg", "/charts/balances.svg", "/charts/kitty.svg"] {
        let answer = try await books.send("GET", path)
        #expect(answer.status == 200 && answer.text.contains("Nothing in this time."), "\(answer.text)")
      }
      try await books.fill(seed: 8)
      let statistics = try await books.get(Statistics.self, "/statistics?by=month,category")
      for query in [
        "spending.svg", "spending.svg?by=month,category", "spending.svg?by=category",
        "spending.svg?by=member",
        "spending.svg?by=week,tag", "balances.svg?every=week", "balances.svg?account=\(books.bob)",
        "kitty.svg",
        "kitty.svg?currency=JPY",
      ] {
        let first = try await books.send("GET", "/charts/\(query)")
        // With another order of the parameters the reply is not the cached one.
        let more = query.contains("?") ? "&format=svg" : "?format=svg"
        let again = try await books.send("GET", "/charts/\(query)\(more)")
        #expect(first.status == 200 && first.text == again.text, "\(query): \(first.text)")
        #expect(first.header("Content-Type") == "image/svg+xml; charset=utf-8")
        #expect(try await books.send("GET", "/charts/\(query)").text == first.text)
        let drawing = try Drawing(first.text)
        let table = try await books.send(
          "GET", "/charts/\(query)\(query.contains("?") ? "&" : "?")format=csv")
        #expect(table.header("Content-Type")?.hasPrefix("text/csv") == true)
        #expect(
          table.text.split(separator: "\r\n").count == drawing.numbers.split(separator: "\n").count,
          "\(query)")
      }
      // The numbers are those of the statistics.
      let table = try await books.send("GET", "/charts/spending.svg?by=month&format=csv").text
      for line in table.split(separator: "\r\n").dropFirst() {
        let cells = line.split(separator: ",")
        let spent = statistics.rows.filter { $0.period == String(cells[0]) && $0.currency == Self.eur }
          .reduce(0) { $0 + $1.spent }
        #expect(Amount(spent, Self.eur).decimal == String(cells[1]), "\(line)")
      }
    }
  }

  @Test(arguments: Backend.available) func chartSaysThatEmptyDaysAreLeftOut(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      func chart(_ query: String) async throws -> String {
        let answer = try await books.send("GET", "/charts/spending.svg?\(query)")
        #expect(answer.status == 200, "\(answer.text)")
        return answer.text
      }
      for day in ["1990-01-05", "2020-01-07"] {
        _ = try await books.enter(
          "/expenses", #"{"description": "x", "amount": 1, "payer": "\#(books.anna)", "date": "\#(day)"}"#)
      }
      #expect(try await chart("by=day").contains("Spending by day, EUR, without empty days"))
      #expect(try await !chart("by=day&from=2020-01-01&to=2020-02-01").contains("without empty"))
      #expect(try await !chart("by=month").contains("without empty"))
    }
  }
}
