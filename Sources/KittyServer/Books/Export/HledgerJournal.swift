import KittyShared

/// A journal for hledger. Source of the format: https://hledger.org/hledger.html#journal
struct HledgerJournal: PostingsExport {
  let group: ExportedGroup

  /// Returns a name without the characters that separate accounts, amounts and comments in hledger.
  static func clean(_ name: String) -> String {
    String(name.map { $0.isWhitespace || ":;()[]{}\"".contains($0) ? "-" : $0 })
  }

  private func account(_ id: ID) -> String { group.name(of: id).map { "Members:\($0)" } ?? "Kitty" }

  func head() -> String {
    var text = "; \(Self.line(group.file.name)): the books of a group, by KittyCash.\n"
    text += "; Positive is owed to the account.\n\n"
    for currency in group.currencies {
      // hledger wants a decimal mark even where there are no decimals.
      let example = Amount(1000 * currency.unit, currency).decimal + (currency.decimals == 0 ? "." : "")
      text += "commodity \(example) \(currency.code)\n"
    }
    for member in group.file.members { text += "account \(account(member.id))\n" }
    return text + "account Kitty\n"
  }

  func entry(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> String {
    var text =
      "\n\(content.date) (\(number)) \(Self.line(content.description))  ; #\(number) \(content.kind.rawValue)\n"
    if let rate = content.rate {
      text += "    ; \(Amount(content.amount, content.currency)) at a rate of \(rate.text)\n"
    }
    for line in (content.note ?? "").split(separator: "\n") { text += "    ; \(line)\n" }
    for posting in postings {
      text += "    \(account(posting.account))  \(posting.amount)  ; \(posting.kind.rawValue)\n"
    }
    return text
  }

  /// Returns a description as one line without the characters that begin a comment or a note.
  private static func line(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == ";" || $0 == "|" ? "," : $0 })
  }
}
