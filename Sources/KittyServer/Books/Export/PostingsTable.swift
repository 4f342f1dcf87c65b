import KittyShared

/// The table of the books for a spreadsheet: one row for each posting.
struct PostingsTable: Sendable {
  let group: ExportedGroup

  /// A field of a row.
  enum Field {
    /// A text that people wrote.
    case text(String)
    /// A word of the program, such as a kind or a currency.
    case word(String)
    case number(Int64)
    case day(Day)
    case amount(Amount)
    case rate(Rate?)
  }

  static let titles = [
    "number", "date", "kind", "description", "amount", "currency", "rate", "account", "posting",
    "posting amount", "posting currency", "note", "category", "tags",
  ]

  /// Returns the rows of an entry.
  func rows(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> [[Field]] {
    let common: [Field] = [
      .number(number), .day(content.date), .word(content.kind.rawValue), .text(content.description),
      .amount(Amount(content.amount, content.currency)), .word(content.currency.code), .rate(content.rate),
    ]
    let end: [Field] = [
      .text(content.note ?? ""),
      .text(group.path(ofCategory: content.category).joined(separator: ": ")),
      .text(content.allTags.sorted().joined(separator: " ")),
    ]
    return postings.map { posting in
      common + [
        .text(group.name(of: posting.account) ?? ExportedGroup.kitty), .word(posting.kind.rawValue),
        .amount(posting.amount), .word(posting.amount.currency.code),
      ] + end
    }
  }
}
