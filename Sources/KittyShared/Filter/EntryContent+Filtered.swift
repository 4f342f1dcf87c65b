extension EntryContent {
  /// The text that the words of a filter are looked for in: folded, a line for each part, and a line feed at both ends.
  /// A folded text has no line feed and no tab, so no description looks like another part:
  /// the description, the note, the descriptions of the items, the tags between tabs, the amount, the date.
  /// - Parameter tags: The tags of the entry and of its items, each once.
  package func filterText(tags: [String]) -> String {
    var lines = [description, note ?? ""] + (split?.items ?? []).map { $0.description ?? "" }
    lines = lines.map(\.folded).filter { !$0.isEmpty }
    if !tags.isEmpty { lines.append("\t\(tags.map { "#\($0.folded)" }.joined(separator: "\t"))\t") }
    lines.append(amountText)
    lines.append("\(date) \(date.weekday.short) \(date.parts.day) \(date.shortMonth)".folded)
    return "\n\(lines.joined(separator: "\n"))\n"
  }

  /// The amount as it is printed, without and with commas between thousands. A count has the counted money as well, and its
  /// difference from the books.
  private var amountText: String {
    var amount = Amount(self.amount, currency)
    var words: [String] = []
    if let counted, let expected {
      amount = Amount(counted &- expected, currency)
      words = ["counted", Amount(counted, currency).decimal]
    }
    let grouped = amount.text(decimalMark: ".", groupMark: ",")
    words += amount.decimal == grouped ? [grouped] : [amount.decimal, grouped]
    return (words + [currency.code]).joined(separator: " ").folded
  }

  /// The accounts that paid or sent.
  package var payingAccounts: [LedgerAccount] { (payers ?? []).map(\.account) + [from].compactMap(\.self) }

  /// The accounts that the entry names.
  package var namedAccounts: [LedgerAccount] {
    payingAccounts + (shares ?? []).map { .member($0.member) } + [to].compactMap(\.self)
  }
}
