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

  /// Returns the text for a transfer.
  /// - Parameters:
  ///   - name: The name of the receiver; cut at 70 characters.
  ///   - text: The words for the receiver; cut at 140 characters, and where the bytes end.
  /// - Returns: `nil` for another currency than EUR, and for an amount that the code cannot have.
  package static func text(to name: String, _ iban: IBAN, _ amount: Amount, text: String) -> String? {
    guard amount.currency.code == "EUR", (1...maxAmount).contains(amount.minorUnits) else { return nil }
    let cents = amount.minorUnits % 100
    let euros = "EUR\(amount.minorUnits / 100).\(cents < 10 ? "0" : "")\(cents)"
    let head = ["BCD", "002", "1", "SCT", ""]
    let fixed = head.joined(separator: "\n").utf8.count + iban.text.utf8.count + euros.utf8.count + 6
    let receiver = cut(line(name), characters: maxName, bytes: maxBytes - fixed)
    guard !receiver.isEmpty else { return nil }
    let words = cut(line(text), characters: maxText, bytes: maxBytes - fixed - receiver.utf8.count)
    return (head + [receiver, iban.text, euros, "", "", words]).joined(separator: "\n")
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
