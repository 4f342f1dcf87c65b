/// An entry as a filter looks at it.
package struct FilteredEntry: Sendable {
  /// The entry.
  package let entry: Entry
  /// The categories of the entry and of its items.
  package let categories: Set<ID>
  /// The tags of the entry and of its items, folded.
  package let tags: Set<String>

  package init(_ entry: Entry, categories: Set<ID> = [], tags: Set<String> = []) {
    self.entry = entry
    self.categories = categories
    self.tags = Set(tags.map(\.folded))
  }

  /// The text that the words of a filter are looked for in.
  package var text: String { entry.content.filterText(tags: tags.sorted()) }
}

extension ResolvedFilter {
  /// `true` when it has a word, which is looked for in comments too.
  package var hasWords: Bool {
    switch self {
    case .term(.text): true
    case .term: false
    case .not(let operand): operand.hasWords
    case .all(let operands), .any(let operands): operands.contains(where: \.hasWords)
    }
  }

  /// Returns `true` when an entry with the texts of its comments meets the filter.
  package func matches(_ entry: FilteredEntry, comments: [String]) -> Bool {
    let texts = [entry.text] + comments.map(\.folded)
    return matches(entry) { word in texts.contains { $0.utf8.firstRange(of: word.bytes) != nil } }
  }

  /// Returns `true` when an entry meets the filter.
  /// - Parameter isInText: Tells whether a text is in the entry's own text or in one of its comments.
  package func matches(_ entry: FilteredEntry, isInText: (FoldedText) -> Bool) -> Bool {
    switch self {
    case .term(let term): term.matches(entry, isInText: isInText)
    case .not(let operand): !operand.matches(entry, isInText: isInText)
    case .all(let operands): operands.allSatisfy { $0.matches(entry, isInText: isInText) }
    case .any(let operands): operands.contains { $0.matches(entry, isInText: isInText) }
    }
  }
}

extension ResolvedFilter.Term {
  fileprivate func matches(_ filtered: FilteredEntry, isInText: (FoldedText) -> Bool) -> Bool {
    let entry = filtered.entry
    switch self {
    case .text(let spellings, let accounts):
      return spellings.contains(where: isInText)
        || !accounts.isEmpty && entry.content.namedAccounts.contains(where: accounts.contains)
    case .number(let number): return entry.number == number
    case .kind(let kind): return entry.kind == kind
    case .paid(let accounts): return entry.content.payingAccounts.contains(where: accounts.contains)
    case .with(let accounts): return entry.content.namedAccounts.contains(where: accounts.contains)
    case .by(let members): return members.contains(entry.createdBy)
    case .date(let days): return days.contains(entry.date)
    case .amount(let limits):
      return limits.bounds(decimals: entry.currency.decimals)?.contains(
        Int64(clamping: entry.amount.magnitude))
        ?? false
    case .currency(let currency): return entry.currency == currency
    case .category(let ids): return !ids.isDisjoint(with: filtered.categories)
    case .noCategory: return filtered.categories.isEmpty
    case .tag(let tag): return filtered.tags.contains(tag)
    case .noTag: return filtered.tags.isEmpty
    case .refund: return entry.amount < 0
    case .has(.comment): return entry.commentCount > 0
    case .has(.items): return entry.split?.items != nil
    case .has(.note): return entry.note != nil
    case .has(.receipt): return entry.receipts != nil
    case .nothing: return false
    }
  }
}
