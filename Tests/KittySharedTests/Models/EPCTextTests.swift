import KittyShared
import TestSupport
import Testing

/// IBANs, and the texts of QR codes for bank transfers.
struct EPCTextTests {
  private let eur = Currency(code: "EUR")!
  private let iban = IBAN("DE89 3704 0044 0532 0130 00")!

  @Test(arguments: [
    "DE89370400440532013000", "gb82 west 1234 5698 7654 32", "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "FR1420041010050500013M02606",
  ]) func rightNumbersAreRead(text: String) {
    #expect(IBAN(text)?.text == text.uppercased().filter { $0 != " " })
  }

  @Test(arguments: [
    "", "DE", "DE89370400440532013001", "DE98370400440532013000", "8937040044053201300000",
    "DE8937040044053201300É",
    "DE89-3704-0044-0532-0130-00", "D189370400440532013000", "DE89370400440532013000DE8937040044053201300",
  ]) func wrongNumbersAreRefused(text: String) { #expect(IBAN(text) == nil) }

  @Test func everyWrongDigitAndEverySwapIsFound() {
    let digits = Array(iban.text)
    for place in 2..<digits.count {
      for digit in "0123456789" where digit != digits[place] {
        var wrong = digits
        wrong[place] = digit
        #expect(IBAN(String(wrong)) == nil)
      }
      guard place + 1 < digits.count, digits[place] != digits[place + 1] else { continue }
      var swapped = digits
      swapped.swapAt(place, place + 1)
      #expect(IBAN(String(swapped)) == nil)
    }
  }

  @Test func linesAreThoseOfTheStandard() {
    let text = EPCText.text(to: "Anna", iban, Amount(123_405, eur), text: "Flat", number: 1)
    #expect(text == "BCD\n002\n1\nSCT\n\nAnna\nDE89370400440532013000\nEUR1234.05\n\n\nFlat #1")
    #expect(
      EPCText.text(to: "A\nB", iban, Amount(7, eur), text: "", number: 2)
        == "BCD\n002\n1\nSCT\n\nA B\nDE89370400440532013000\nEUR0.07\n\n\n#2")
  }

  @Test func onlyEurosWithinTheLimits() throws {
    for units in [0, -1, EPCText.maxAmount + 1, .max] as [Int64] {
      #expect(EPCText.text(to: "Anna", iban, Amount(units, eur), text: "", number: 1) == nil)
    }
    #expect(EPCText.text(to: "Anna", iban, Amount(EPCText.maxAmount, eur), text: "", number: 1) != nil)
    for code in ["USD", "JPY", "KWD"] {
      #expect(
        EPCText.text(to: "Anna", iban, Amount(100, try #require(Currency(code: code))), text: "", number: 1)
          == nil)
    }
    #expect(EPCText.text(to: "  ", iban, Amount(100, eur), text: "", number: 1) == nil)
  }

  @Test func accountOutsideOfSEPAHasNoText() throws {
    for (text, isInside) in [
      ("TR330006100519786457841326", false), ("BR1800360305000010009795493C1", false),
      ("SA0380000000608010167519", false), ("GB82WEST12345698765432", true), ("CH9300762011623852957", true),
    ] {
      let account = try #require(IBAN(text))
      #expect((EPCText.text(to: "A", account, Amount(1, eur), text: "x", number: 1) != nil) == isInside)
    }
  }

  @Test func longTextsAreCutWithinTheBytes() throws {
    var random = Seeded(3)
    let letters = Array("abé漢🐱‍👤ß ")
    for _ in 0..<300 {
      func text(_ most: Int) -> String {
        String(
          (0..<Int.random(in: 1...most, using: &random)).map { _ in letters.randomElement(using: &random)! })
      }
      let (name, words) = ("x" + text(100), text(300))
      let made = try #require(
        EPCText.text(to: name, iban, Amount(EPCText.maxAmount, eur), text: words, number: 1234))
      let lines = made.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(made.utf8.count <= EPCText.maxBytes && lines.count == 11)
      #expect(lines[5].unicodeScalars.count <= 70 && lines[10].unicodeScalars.count <= 140)
      #expect(name.hasPrefix(lines[5]) && lines[10].hasSuffix("#1234"))
    }
  }
}
