/// A filter with ids and days in place of names and relative dates: nothing in it depends on the caller or the clock.
package indirect enum ResolvedFilter: Hashable, Sendable {
  /// One condition.
  case term(Term)
  /// The opposite of a condition.
  case not(ResolvedFilter)
  /// All of some conditions.
  case all([ResolvedFilter])
  /// One of some conditions.
  case any([ResolvedFilter])

  /// One condition.
  package enum Term: Hashable, Sendable {
    /// One of the spellings is in the text of the entry or of a comment, or the entry names one of the accounts.
    case text(spellings: [FoldedText], accounts: Set<LedgerAccount>)
    /// The number of the entry.
    case number(Int64)
    /// The kind of the entry.
    case kind(EntryContent.Kind)
    /// One of the accounts paid or sent.
    case paid(Set<LedgerAccount>)
    /// The entry names one of the accounts.
    case with(Set<LedgerAccount>)
    /// One of the members entered it.
    case by(Set<ID>)
    /// The entry is on one of the days.
    case date(ClosedRange<Day>)
    /// The magnitude of the amount is within limits.
    case amount(AmountLimits)
    /// The currency of the amount.
    case currency(Currency)
    /// The entry or one of its items has one of the categories.
    case category(Set<ID>)
    /// Neither the entry nor one of its items has a category.
    case noCategory
    /// The entry or one of its items has the tag, which is folded.
    case tag(String)
    /// Neither the entry nor one of its items has a tag.
    case noTag
    /// The amount is negative.
    case refund
    /// The entry has this part.
    case has(FilterTerm.Part)
    /// The group does not have the name in the condition, so no entry can meet it.
    case nothing
  }

  /// Limits of the magnitude of an amount, which depend on the decimals of its currency.
  package struct AmountLimits: Hashable, Sendable {
    /// The limits in minor units by the number of decimals; `nil` where no amount is within them.
    private let byDecimals: [ClosedRange<Int64>?]

    /// The numbers of decimals that currencies have.
    package static let decimals = 0...4

    init(_ amounts: FilterAmounts) { byDecimals = Self.decimals.map { amounts.bounds(decimals: $0) } }

    /// Returns the limits in minor units of currencies with so many decimals; `nil` when no amount is within them.
    package func bounds(decimals: Int) -> ClosedRange<Int64>? {
      byDecimals.indices.contains(decimals) ? byDecimals[decimals] : nil
    }
  }
}

/// A folded text to look for, with its bytes.
package struct FoldedText: Hashable, Sendable {
  /// The text.
  package let text: String
  /// The text as UTF-8.
  package let bytes: [UInt8]

  /// Folds a text.
  package init(_ text: String) {
    self.text = text.folded
    bytes = Array(self.text.utf8)
  }

  /// Returns the spellings of a word: in a number a decimal comma is as good as a point.
  static func spellings(of word: String) -> [FoldedText] {
    let marks: [Unicode.Scalar: String] = [",": ".", ".": ","]
    let isNumber = word.unicodeScalars.allSatisfy { marks[$0] != nil || ("0"..."9").contains($0) }
    let other = word.replacingScalars { marks[$0] }
    return isNumber && other != word ? [FoldedText(word), FoldedText(other)] : [FoldedText(word)]
  }
}
