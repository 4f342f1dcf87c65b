import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The notices and readings beside the entries: how a file was understood, and what it leaves open.
@Suite struct ImportNoticesTests {
  private static func read(_ text: String, _ columns: [TableColumn: String] = [:]) async throws
    -> ImportedContent
  {
    var options = ImportOptions(groupCurrency: Currency(code: "EUR"))
    options.columns = columns
    return try await ImportedFiles.read(ImportedDocument(Data(text.utf8), as: nil), options).content
  }

  private static func refusal(_ text: String, _ columns: [TableColumn: String] = [:]) async -> String {
    do {
      _ = try await read(text, columns)
      return "read"
    } catch {
      return (error as? Rejection)?.errors?.first.map { "\($0.field) \($0.code) \($0.message)" } ?? "\(error)"
    }
  }

  /// Returns the file of `Tests/Imports` with a name.
  private static func file(_ name: String) throws -> String {
    let file = try #require((ImportSamples.whole + ImportSamples.broken).first { $0.testDescription == name })
    return String(decoding: try file.bytes, as: UTF8.self)
  }

  // MARK: Tables

  @Test func tableTellsItsColumns() async throws {
    let table = "Date,Title,What,Cost,Paid by,Created\n2026-01-13,Tea,hot,10.00,Ann,yesterday\n"
    let content = try await Self.read(table)
    #expect(
      content.readings.suffix(2) == [
        #"columns: date "Date", description "Title", amount "Cost", payer "Paid by""#,
        #"not read: "What", "Created""#,
      ])
    let other = try await Self.read(table, [.description: "What", .ignore: "created"])
    #expect(other.books.entries[0].description == "hot")
    #expect(other.readings.last == #"not read: "Title", "Created""#)
    let nets = try await Self.read(Self.file("Imports/csv/changes-of-balances.csv"))
    #expect(nets.readings.contains(#"changes of balances: "Alice", "Bob", "Chloé""#))
    #expect(nets.books.entries[1].kind == .payment(from: 1, to: 0))
    #expect(
      nets.books.entries[3].kind == .expense(payers: [.init(member: 2, amount: 1250)], split: .equally([2])))
  }

  @Test func columnsThatMayMatterAreNamed() async throws {
    let table =
      "Date,Cost,Payer,Participants,Ann,Rate,Text\n2026-01-13,10.00,Ann,Ann;Bob,3.00,0.9,x\n2026-01-14,5,Bob,,,,y\n"
    let refused = await Self.refusal(table)
    #expect(
      refused.hasPrefix("line 1 unknown_column ") && refused.contains(#""Ann", "Rate". "#), "\(refused)")
    #expect(try await Self.read(table, [.ignore: "Ann;Rate"]).books.entries.count == 2)
    #expect(await Self.refusal(table, [.ignore: "Ann"]).contains(#""Rate". "#))
    #expect(await Self.refusal(table, [.ignore: "Ann;Rates"]).hasPrefix("line 1 column_missing "))
    let twice = "Date,Cost,Amount,Payer\n2026-01-13,10.00,9.00,Ann\n"
    let ambiguous = await Self.refusal(twice)
    #expect(
      ambiguous.contains(#""Cost" and "Amount" could each be the column of the amount"#), "\(ambiguous)")
    #expect(try await Self.read(twice, [.amount: "Cost"]).books.entries[0].amount.minorUnits == 1000)
    #expect(try await Self.read(twice, [.ignore: "Cost"]).books.entries[0].amount.minorUnits == 900)
  }

  /// The columns of the first refusal.
  private static func named(_ text: String, _ columns: [TableColumn: String] = [:]) async -> [String]? {
    do {
      _ = try await read(text, columns)
      return nil
    } catch {
      return (error as? Rejection)?.errors?.first?.columns
    }
  }

  /// A program gives the columns of a refusal back as they are named there.
  @Test func columnsThatWaitForARoleAreListed() async throws {
    let table =
      "Date,Cost,Payer,Participants,Ann,,Rate,rate,A;B,#1\n2026-01-13,10.00,Ann,Ann;Bob,3.00,1,0.9,0.8,7,8\n"
    let names = ["Ann", "#6", "#7", "#8", "#9", "#10"]
    #expect(await Self.named(table) == names)
    #expect(try await Self.read(table, [.ignore: names.joined(separator: ";")]).books.entries.count == 1)
    let left = names.dropFirst(2).joined(separator: ";")
    #expect(await Self.named(table, [.ignore: left]) == ["Ann", "#6"])
    let twice = "Date,Cost,Amount,amount,Payer\n2026-01-13,10.00,9.00,8.00,Ann\n"
    #expect(await Self.named(twice) == ["Cost", "#3", "#4"])
    #expect(try await Self.read(twice, [.amount: "#4"]).books.entries[0].amount.minorUnits == 800)
    let foreign = "Päivä,Summa,Payer\n2026-01-13,10.00,Ann\n"
    #expect(await Self.named(foreign, [.payer: "Payer"]) == ["Päivä", "Summa"])
    #expect(await Self.named(foreign, [.date: "Päivä"]) == ["Summa"])
    #expect(try await Self.read(foreign, [.date: "#1", .amount: "Summa"]).books.entries.count == 1)
    let long = String(repeating: "x", count: 101)
    #expect(await Self.named("Date,Cost,Payer,\(long)\n2026-01-13,10.00,Ann,5\n") == ["#4"])
  }

  @Test(arguments: ["#0", "#-1", "#99", "#\(Int.min)", "#\(Int.max)", "#", "#x", "#9223372036854775808"])
  func numberOfNoColumnIsRefused(name: String) async throws {
    let table = "Date,Cost,Payer\n2026-01-13,10.00,Ann\n"
    for role in [TableColumn.ignore, .amount] {
      #expect(await Self.refusal(table, [role: name]).hasPrefix("line 1 column_missing "))
    }
  }

  @Test(arguments: ["sep=;\n", "sep=;\r\n", "SEP=;\n", "\"sep=;\"\n", "sep=;;;;\n"])
  func firstLineNamesTheSeparator(line: String) async throws {
    let table = line + "Date;Amount;Payer;Text, long\n2026-01-13;10,00;Ann;x\n"
    let content = try await Self.read(table)
    #expect(content.books.entries[0].place == .line(3) && content.books.entries[0].amount.minorUnits == 1000)
    #expect(await Self.refusal(table.replacing("10,00", with: "x")).hasPrefix("line 3 not_a_number"))
  }

  // MARK: Splitwise

  @Test func fileWithoutTotalsMayBeCutOff() async throws {
    let whole = try Self.file("Imports/splitwise/espanol.csv")
    #expect(try await Self.read(whole).books.notices.isEmpty)
    let cut = try await Self.read(String(whole.split(separator: "\n\n2026-02-10")[0]))
    #expect(cut.books.notices.count == 1 && cut.books.notices[0].contains("no line of totals"))
    #expect(cut.books.balances == nil && cut.books.entries.count == 3)
  }

  @Test func guessesOfPaymentsAreTold() async throws {
    let books = try await Self.read(Self.file("Imports/splitwise/payments-in-estonian.csv")).books
    #expect(books.entries.map(\.isPayment) == [false, false, true, false])
    #expect(books.notices.count == 2, "\(books.notices)")
    #expect(
      books.notices[0].hasSuffix("category: line 5.") && books.notices[1].contains("not known here: line 6."))
    let ticket = """
      Date,Description,Category,Cost,Currency,A B,C D

      2026-01-01,ticket for A B by C D,Entertainment,10.00,EUR,-10.00,10.00
      2026-01-02,Total balance, , ,EUR,-10.00,10.00
      """
    let expense = try await Self.read(ticket).books
    #expect(expense.entries.map(\.isPayment) == [false] && expense.notices.isEmpty, "\(expense.notices)")
  }

  @Test func membersOfOneNameAreTold() async throws {
    let books = try await Self.read(Self.file("Imports/splitwise/two-of-one-name.csv")).books
    #expect(books.members.map(\.name) == ["Ann", "Ann 2", "Bob"] && books.entries[1].isPayment)
    #expect(books.notices.count == 1 && books.notices[0].contains("Ann 2"))
  }

  // MARK: Other programs

  @Test(arguments: [
    ("tricount/rates-that-do-not-fit.csv", "counts: line 3."),
    ("settleup/rates-that-do-not-fit.csv", "counts: line 2."),
    ("splitpro/amounts-not-zero.json", "as in SplitPro: expenses.0."),
    ("hledger/items.journal", "nothing tells that it is whole."),
    ("beancount/items.beancount", "nothing tells that it is whole."),
  ])
  func sumsThatDoNotFitAreTold(name: String, end: String) async throws {
    let notices = try await Self.read(Self.file("Imports/\(name)")).books.notices
    #expect(notices.contains { $0.hasSuffix(end) }, "\(notices)")
  }

  @Test(arguments: ["hledger/refunds.journal", "beancount/refunds.beancount"])
  func wholeJournalHasNoNotice(name: String) async throws {
    let text = try Self.file("Imports/\(name)")
    #expect(try await Self.read(text).books.notices.allSatisfy { !$0.contains("whole") })
    for changed in [
      text.replacing("; end: 13 entries\n", with: ""),
      text.replacing("; end: 13 entries\n", with: "; end: 13 entri"),
      text.replacing("; end: 13 ", with: "; end: 12 "), text + text.suffix(400),
    ] {
      let refused = await Self.refusal(changed)
      #expect(refused != "read", "\(changed.suffix(60))")
    }
  }

  /// A currency that the books cannot have is refused with the way out, whatever currency the request names.
  @Test func unknownCurrencyIsRefusedWithTheWayOut() async throws {
    var options = ImportOptions(groupCurrency: Currency(code: "EUR"))
    options.currency = Currency(code: "EUR")
    for file in ImportSamples.broken where file.testDescription.contains("bitcoin") {
      let refused = await #expect(throws: Rejection.self) {
        try await ImportedFiles.read(ImportedDocument(file.bytes, as: nil), options)
      }
      let error = try #require(refused?.errors?.first)
      #expect(error.code == "unknown_currency" && error.message.contains("\"BTC\" is not a currency"))
      #expect(error.message.contains("remove all of \"BTC\" from the file"))
    }
  }
}

extension ImportedEntry {
  fileprivate var isPayment: Bool { if case .payment = kind { true } else { false } }
}
