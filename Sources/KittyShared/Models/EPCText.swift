/// The text of a QR code with which banking apps fill in a transfer in euros.
///
/// Source: European Payments Council, EPC069-12, "Quick Response Code: Guidelines to Enable Data Capture for the
/// Initiation of a SEPA Credit Transfer", version 002: lines of service tag, version, character set, identification, BIC,
/// name, IBAN, amount, purpose, structured reference, text. The BIC is not needed since 2016.
package enum EPCText {
  /// The largest number of bytes: those of a QR code of version 13 with the correction level M.
  package static let maxBytes = 331
  /// The largest amount in cents: 999,999,999.99.
  package static let maxAmount: Int64 = 99_999_999_999
  private static let maxName = 70
  private static let maxText = 140
  /// The countries of SEPA, whose IBANs a SEPA credit transfer reaches. Source: European Payments Council, EPC409-09, version
  /// 7.0 of 2025.
  private static let countries: Set<String> = [
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU",
    "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO",
    "RS", "SE",
    "SI", "SK", "SM", "VA",
  ]

  /// Returns the text for a transfer.
  /// - Parameters:
  ///   - name: The name of the receiver; cut at 70 characters.
  ///   - text: The words for the receiver; cut at 140 characters, and where the bytes end.
  ///   - number: The number behind the words, which stays whole.
  /// - Returns: `nil` for another currency than EUR, for an account outside of SEPA, and for an amount that the code cannot
  ///   have.
  package static func text(
    to name: String, _ iban: IBAN, _ amount: Amount, text: String, number: Int
  ) -> String? {
    guard amount.currency.code == "EUR", (1...maxAmount).contains(amount.minorUnits),
      countries.contains(String(iban.text.prefix(2)))
    else { return nil }
    let cents = amount.minorUnits % 100
    let euros = "EUR\(amount.minorUnits / 100).\(cents < 10 ? "0" : "")\(cents)"
    let head = ["BCD", "002", "1", "SCT", ""]
    let fixed = head.joined(separator: "\n").utf8.count + iban.text.utf8.count + euros.utf8.count + 6
    let end = " #\(number)"
    let receiver = cut(line(name), characters: maxName, bytes: maxBytes - fixed - end.utf8.count)
    guard !receiver.isEmpty else { return nil }
    let words = cut(
      line(text), characters: maxText - end.utf8.count,
      bytes: maxBytes - fixed - receiver.utf8.count - end.utf8.count)
    return (head + [receiver, iban.text, euros, "", "", (words + end).trimmed]).joined(separator: "\n")
  }

  /// Returns a text on one line.
  private static func line(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 })).trimmed
  }

  /// Returns the beginning of a text: whole characters within both limits.
  private static func cut(_ text: String, characters: Int, bytes: Int) -> String {
    var (beginning, count, size) = ("", 0, 0)
    for character in text {
      count += character.unicodeScalars.count
      size += character.utf8.count
      guard count <= characters, size <= bytes else { break }
      beginning.append(character)
    }
    return beginning.trimmed
  }
}
