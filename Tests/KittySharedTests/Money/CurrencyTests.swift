import KittyShared
import Testing

struct CurrencyTests {
  @Test func currenciesHaveTheirDecimals() {
    let expected = [
      "JPY": 0, "KRW": 0, "ISK": 0, "EUR": 2, "USD": 2, "CHF": 2, "KWD": 3, "BHD": 3, "CLF": 4, "UYW": 4,
    ]
    for (code, decimals) in expected {
      #expect(Currency(code: code)?.decimals == decimals, "\(code)")
    }
  }

  @Test func everyCodeIsThreeCapitalsAndUnique() {
    #expect(Currency.all.count == Set(Currency.all.map(\.code)).count)
    #expect(Currency.all.count >= 160)
    for currency in Currency.all {
      #expect(currency.code.utf8.count == 3)
      #expect(currency.code.utf8.allSatisfy { (0x41...0x5a).contains($0) })
      #expect((0...4).contains(currency.decimals))
      #expect(!currency.name.isEmpty)
    }
  }

  @Test func codeIsReadInEitherCase() {
    #expect(Currency(code: "eur") == Currency(code: "EUR"))
  }

  @Test(arguments: ["", "EU", "EURO", "XXX", "ZZZ", "€", "XAU", "ıdr", "ſek", "ＥＵＲ"])
  func unknownCodeIsRejected(code: String) {
    #expect(Currency(code: code) == nil)
  }

  @Test func unitIsTenToTheDecimals() throws {
    #expect(try #require(Currency(code: "JPY")).unit == 1)
    #expect(try #require(Currency(code: "EUR")).unit == 100)
    #expect(try #require(Currency(code: "KWD")).unit == 1000)
  }
}
