import KittyShared
import Testing

@testable import KittyTUI

/// One decimal mark on every screen.
struct DecimalMarkTests {
  /// An amount with decimals and the other mark.
  private func points(_ text: String) -> [Substring] {
    text.matches(of: /[0-9]\.[0-9]{2}(?![0-9.])/).map(\.output)
  }

  private func check(_ state: AppState, _ words: String...) {
    let text = Amount.$decimalMark.withValue(",") { state.text }
    #expect(points(text).isEmpty, "\(text)")
    for words in words { #expect(text.contains(words), "\(words) is not in\n\(text)") }
  }

  @Test func listsAndFormsHaveTheSameComma() {
    Amount.$decimalMark.withValue(",") {
      var state = Fixtures.openGroup()
      check(state, "EUR")
      state.type("aDinner")
      state.press(.enter)
      state.type("1234,5")
      check(state, "= 1.234,50 EUR")
      state.press(.escape)
      state.type("ye")
      // The edit field too.
      check(state, ",")
    }
  }

  @Test(arguments: [".", ","] as [Character])
  func editedAmountIsReadAgain(mark: Character) {
    Amount.$decimalMark.withValue(mark) {
      for (units, code) in [
        (123_456, "EUR"), (1234, "KWD"), (1_234_567, "KWD"), (5, "JPY"), (123_400, "JPY"),
      ] as [(Int64, String)] {
        let amount = Amount(units, Currency(code: code)!)
        let read = try? Amount(typed: amount.typed, currency: amount.currency)
        #expect(read == amount, "\(amount.typed)")
      }
      let ambiguous = try? Amount(typed: "1\(mark)234", currency: Fixtures.eur)
      #expect(ambiguous == nil)
    }
  }

  @Test func programsStillGetAPoint() {
    Amount.$decimalMark.withValue(",") {
      #expect(Amount(123_450, Fixtures.eur).decimal == "1234.50")
    }
    #expect(Amount(123_450, Fixtures.eur).text() == "1,234.50")
  }
}
