import KittyShared

/// Random filters from the grammar.
package struct RandomFilter {
  /// Words and phrases.
  package var words = [
    "rent", "Dîner", "living room", "a\"b", "\\", "OR", "or", "-5", "#3", "a:b", "(x)", "42,5", "1.5",
  ]
  /// Names and beginnings of names.
  package var names = ["Anna", "Bob B.", "me", "kitty", "anna(2)", "Ö\"", "none"]
  /// Names of categories.
  package var categories = ["Food", "Eating out", "none", "#x"]
  /// Tags.
  package var tags = ["trip", "none", "de-ep", "Über-uns"]
  /// Currencies.
  package var currencies = ["EUR", "JPY", "KWD", "CLF"].compactMap { Currency(code: $0) }
  /// The first and the last year of dates.
  package var years: ClosedRange<Int64> = 1900...9999
  /// The largest whole number of amounts.
  package var maxAmount: UInt64 = 100_000
  /// The largest number of an entry.
  package var maxNumber: Int64 = 1000

  package init() {}

  /// A tree of at most some levels.
  package func expression(_ levels: Int, using random: inout Seeded) -> FilterExpression {
    let choice = levels > 0 ? Int.random(in: 0..<10, using: &random) : 0
    func operands() -> [FilterExpression] {
      (0..<Int.random(in: 2...3, using: &random)).map { _ in expression(levels - 1, using: &random) }
    }
    return switch choice {
    case 0..<4: .term(term(using: &random))
    case 4..<6: .not(expression(levels - 1, using: &random))
    case 6..<8: .all(operands())
    default: .any(operands())
    }
  }

  /// One condition.
  package func term(using random: inout Seeded) -> FilterTerm {
    switch Int.random(in: 0..<18, using: &random) {
    case 0..<5: .text(pick(words, &random))
    case 5: .number(.random(in: 0...maxNumber, using: &random))
    case 6: .kind(pick(EntryContent.Kind.allCases, &random))
    case 7: .paid(name(&random))
    case 8: .with(name(&random))
    case 9: .by(Bool.random(using: &random) ? .me : .named(pick(names, &random)))
    case 10, 11: .date(dates(&random))
    case 12, 13: .amount(amounts(&random))
    case 14: .currency(pick(currencies, &random))
    case 15: .category(label(categories, &random))
    case 16: .tag(label(tags, &random))
    default: Bool.random(using: &random) ? .refund : .has(pick(FilterTerm.Part.allCases, &random))
    }
  }

  private func pick<Element>(_ choices: [Element], _ random: inout Seeded) -> Element {
    choices[Int.random(in: choices.indices, using: &random)]
  }

  private func name(_ random: inout Seeded) -> FilterName {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: .me
    case 1: .kitty
    default: .named(pick(names, &random))
    }
  }

  private func label(_ names: [String], _ random: inout Seeded) -> FilterLabel {
    Int.random(in: 0..<4, using: &random) == 0 ? .none : .named(pick(names, &random))
  }

  private func span(_ random: inout Seeded) -> FilterSpan {
    let (year, month) = (Int64.random(in: years, using: &random), Int64.random(in: 1...12, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .year(year)
    case 1, 2: return .month(year, month)
    case 3: return .today
    case 4: return .yesterday
    default:
      let day = Int64.random(in: 10...28, using: &random)
      return Day("\(year)-\(month < 10 ? "0" : "")\(month)-\(day)").map { .day($0) } ?? .today
    }
  }

  private func dates(_ random: inout Seeded) -> FilterDates {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .one(span(&random))
    case 1: return .range(span(&random), nil)
    case 2: return .range(nil, span(&random))
    case 3: return .one(.this(pick(FilterDates.Unit.allCases, &random)))
    case 4: return .range(.last(pick(FilterDates.Unit.allCases, &random)), .today)
    default: return .range(span(&random), span(&random))
    }
  }

  private func number(_ random: inout Seeded) -> FilterNumber {
    FilterNumber(.random(in: 0...maxAmount, using: &random), decimals: .random(in: 0...4, using: &random))
  }

  private func amounts(_ random: inout Seeded) -> FilterAmounts {
    let (one, other) = (number(&random), number(&random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .exactly(one)
    case 1: return .above(one)
    case 2: return .atLeast(one)
    case 3: return .below(one)
    case 4: return .atMost(one)
    default: return .range(min(one, other), max(one, other))
    }
  }
}
