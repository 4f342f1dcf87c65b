import KittyShared
import Testing

@testable import KittyServer

/// Numbers as spreadsheets and programs write them.
@Suite struct NumberReadingTests {
  private static func amount(_ text: String, _ mark: NumberReading.Mark, _ code: String) throws -> Int64? {
    let numbers = try NumberReading([(text: text, place: ImportPlace.line(1))], wanted: mark)
    return try? numbers.amount(text, #require(Currency(code: code)))
  }

  @Test(arguments: [
    ("10.00", 1000), ("-10.00", -1000), ("\u{2212}10.00", -1000), ("+10.00", 1000), ("(10.00)", -1000),
    ("($10.00)", -1000), ("$10.00", 1000), ("-$10.00", -1000), ("$ -10.00", -1000), ("10.00 $", 1000),
    ("( 10.00 )", -1000), ("1,234.50", 123450), ("1 234.50", 123450), ("1\u{202f}234.50", 123450),
    ("1'234'567.00", 1_234_567_00), ("12,34,567.00", 12_345_67_00), ("1,23,456", 12_345_600), (".50", 50),
    ("$(1,234.50)", -123450), (" $ (1,234.50) ", -123450), ("(5.00) $", -500), ("10.", 1000),
    (" 10.00\u{a0}", 1000), ("0", 0),
  ])
  func numberIsRead(text: String, units: Int64) throws {
    #expect(try Self.amount(text, .point, "USD") == units)
  }

  @Test(arguments: [
    "", "-", ".", "$", "1 0.00", "12 34.00", "1 2 3", "1  234.00", "10.0 0", "10.00)", "(10.00", "+-10.00",
    "-(10.00)", "--1", "$($1.00)", "$(1.00)$", "-(1.00", "()", "10.00-", "1-0", "$$10", "$10.00$", "1$0",
    "1,2345.00", "12,345,67.00", "123,45,678",
    "1,234 567.00", "1'234,567.00", ",234.00", "1,234,", "1.2.3", "1e3", "٣", "10 USD",
  ])
  func otherTextIsRefused(text: String) throws {
    // The search of the mark looks at points and commas alone.
    let numbers = try NumberReading([], wanted: .point)
    #expect(throws: NumberReading.Failure.self, "\(text)") { try numbers.decimal(text) }
  }

  @Test func signIsThatOfTheCurrency() throws {
    for (text, code) in [
      ("₱10.00", "PHP"), ("$10.00", "SGD"), ("$10.00", "COP"), ("10.00 ₽", "RUB"), ("￥10", "JPY"),
      ("¥10.00", "CNY"),
      ("$10.00", "MXN"),
    ] {
      #expect(try Self.amount(text, .point, code) == (code == "JPY" ? 10 : 1000), "\(text) \(code)")
    }
    for (text, code) in [
      ("€10.00", "USD"), ("₱10.00", "EUR"), ("$10.00", "EUR"), ("€10.00", "PHP"), ("¥10.00", "USD"),
    ] {
      #expect(try Self.amount(text, .point, code) == nil, "\(text) \(code)")
    }
  }

  @Test func commaIsAMarkToo() throws {
    #expect(try Self.amount("1.234,50", .comma, "EUR") == 123450)
    #expect(try Self.amount("-1 234,5 €", .comma, "EUR") == -123450)
    #expect(try Self.amount("1.234", .comma, "KWD") == 1_234_000)
    #expect(try Self.amount("1,234", .comma, "KWD") == 1234)
  }

  @Test(arguments: [
    ("10.00", "USD", "0.9", "9.00", "EUR", true), ("10.00", "USD", "0.9", "9.30", "EUR", false),
    ("100.00", "USD", "0.9", "95.00", "EUR", false), ("100.00", "PLN", "4.2662", "23.44", "EUR", true),
    ("10.45", "EUR", "162.6", "1700", "JPY", true), ("10.45", "EUR", "162.6", "1750", "JPY", false),
    ("5000", "JPY", "0.0062", "31.15", "EUR", true), ("-20.00", "USD", "0.92", "-18.40", "EUR", true),
    ("10.00", "USD", "", "9.30", "EUR", true),
  ])
  func rateFitsAsFarAsItIsRounded(
    paid: String, from: String, rate: String, worth: String, to: String, fits: Bool
  ) throws {
    let numbers = try NumberReading([], wanted: .point)
    let paid = try Amount(decimal: paid, currency: try #require(Currency(code: from)))
    let worth = try Amount(decimal: worth, currency: try #require(Currency(code: to)))
    #expect(numbers.fits(paid, rate, worth) == fits)
  }
}
