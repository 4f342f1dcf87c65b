/// A filter as a tree. Its text form is the language that people type.
package indirect enum FilterExpression: Hashable, Sendable {
  /// One condition.
  case term(FilterTerm)
  /// The opposite of a condition.
  case not(FilterExpression)
  /// All of at least two conditions.
  case all([FilterExpression])
  /// One of at least two conditions, or several.
  case any([FilterExpression])
}

extension FilterExpression: CustomStringConvertible {
  /// The text of the filter. Parsing it gives the same tree.
  package var description: String {
    switch self {
    case .term(let term): term.description
    case .not(let operand): "-" + operand.operandText
    case .all(let operands): operands.map(\.factorText).joined(separator: " ")
    case .any(let operands): operands.map(\.alternativeText).joined(separator: " OR ")
    }
  }

  /// The text after a minus sign.
  private var operandText: String {
    switch self {
    case .term, .not: description
    case .all, .any: "(\(description))"
    }
  }

  /// The text beside other conditions that must hold.
  private var factorText: String { operandText }

  /// The text beside `OR`.
  private var alternativeText: String {
    switch self {
    case .term, .not, .all: description
    case .any: "(\(description))"
    }
  }
}

/// One condition of a filter.
package enum FilterTerm: Hashable, Sendable {
  /// A word or a phrase.
  case text(String)
  /// The number of an entry: `#318`.
  case number(Int64)
  /// The kind of an entry: `kind:expense`.
  case kind(EntryContent.Kind)
  /// The account that paid or sent: `paid:anna`.
  case paid(FilterName)
  /// An account that the entry names: `with:bob`.
  case with(FilterName)
  /// The member who entered it: `by:me`.
  case by(FilterName)
  /// The date: `date:2026-01..2026-03`.
  case date(FilterDates)
  /// The magnitude of the amount: `amount:>50`.
  case amount(FilterAmounts)
  /// The currency of the amount: `currency:USD`.
  case currency(Currency)
  /// The category of the entry or of one of its items: `category:food`.
  case category(FilterLabel)
  /// A tag of the entry or of one of its items: `tag:trip`.
  case tag(FilterLabel)
  /// A negative amount: `is:refund`.
  case refund
  /// A part that not every entry has: `has:note`.
  case has(Part)

  /// The parts that not every entry has.
  package enum Part: String, Sendable, CaseIterable {
    /// A comment.
    case comment
    /// The lines of a receipt.
    case items
    /// A note.
    case note
    /// A picture or a PDF.
    case receipt
  }
}

/// The fields of the language.
enum FilterField: String, CaseIterable {
  case amount, by, category, currency, date, has, `is`, kind, paid, tag, with

  /// A value that the field takes, for a message.
  var example: String {
    switch self {
    case .amount: "amount:>50"
    case .by: "by:me"
    case .category: "category:food"
    case .currency: "currency:USD"
    case .date: "date:2026-01..2026-03"
    case .has: "has:note"
    case .is: "is:refund"
    case .kind: "kind:expense"
    case .paid: "paid:anna"
    case .tag: "tag:trip"
    case .with: "with:bob"
    }
  }
}

/// A member or the kitty, as a filter names it.
package enum FilterName: Hashable, Sendable {
  /// The caller: `me`.
  case me
  /// The kitty: `kitty`.
  case kitty
  /// A name, the beginning of one, or the id of a member.
  case named(String)
}

/// A category or a tag, as a filter names it.
package enum FilterLabel: Hashable, Sendable {
  /// No label at all: `none`.
  case none
  /// A name.
  case named(String)
}

extension FilterTerm: CustomStringConvertible {
  /// The text of the condition.
  package var description: String {
    switch self {
    case .text(let text): text.isSyntax ? text.inQuotes : text
    case .number(let number): "#\(number)"
    case .kind(let kind): "kind:\(kind.rawValue)"
    case .paid(let name): "paid:\(name)"
    case .with(let name): "with:\(name)"
    case .by(let name): "by:\(name)"
    case .date(let dates): "date:\(dates)"
    case .amount(let amounts): "amount:\(amounts)"
    case .currency(let currency): "currency:\(currency.code)"
    case .category(let label): "category:\(label)"
    case .tag(let label): "tag:\(label)"
    case .refund: "is:refund"
    case .has(let part): "has:\(part.rawValue)"
    }
  }
}

extension FilterName: CustomStringConvertible {
  /// The value of a field.
  package var description: String {
    switch self {
    case .me: "me"
    case .kitty: "kitty"
    case .named(let text):
      ["me", "kitty"].contains(text.lowercased()) || text.endsWord ? text.inQuotes : text
    }
  }
}

extension FilterLabel: CustomStringConvertible {
  /// The value of a field.
  package var description: String {
    switch self {
    case .none: "none"
    case .named(let text):
      text.lowercased() == "none" || text.unicodeScalars.first == "#" || text.endsWord
        ? text.inQuotes : text
    }
  }
}

extension String {
  /// `true` for a text that would not be one word.
  fileprivate var endsWord: Bool { isEmpty || unicodeScalars.contains(where: \.endsWord) }

  /// `true` for a text that has a meaning in a filter unless it is in quotation marks.
  fileprivate var isSyntax: Bool {
    let first = unicodeScalars.first
    return endsWord || self == "OR" || first == "-" || first == "#" || unicodeScalars.contains(":")
  }

  /// The text as a phrase.
  fileprivate var inQuotes: String {
    "\"\(replacingScalars { $0 == "\"" || $0 == "\\" ? "\\\($0)" : nil })\""
  }
}

extension Unicode.Scalar {
  /// `true` for a character that cannot be a part of a word of a filter.
  var endsWord: Bool { properties.isWhitespace || self == "(" || self == ")" || self == "\"" }
}
