import KittyShared

/// The conditions of a filter as SQL: on the entry `e` and on its texts `t`, which are null for an entry without a row. Both
/// databases find the same entries, those that `ResolvedFilter.matches` finds.
struct FilterConditions {
  let dialect: Dialect
  /// The most candidates that an index is asked for. With more of them, a page is found soon in the order of the list.
  var maxCandidates = 2000

  /// Returns the condition on an entry.
  func condition(_ filter: ResolvedFilter) -> SQL {
    var condition: SQL =
      switch filter {
      case .term(let term): self.condition(term)
      case .not(let operand): "not (\(part: self.condition(operand)))"
      case .all(let operands): joined(operands, by: " and ")
      case .any(let operands): joined(operands, by: " or ")
      }
    condition.isRepeated = false
    return condition
  }

  private func joined(_ operands: [ResolvedFilter], by word: SQL) -> SQL {
    joined(operands.map(condition)[...], by: word)
  }

  /// Joins conditions as a balanced tree: SQLite limits the depth of an expression.
  func joined(_ conditions: ArraySlice<SQL>, by word: SQL) -> SQL {
    guard conditions.count > 1 else { return conditions.first ?? Self.never }
    let middle = conditions.startIndex + conditions.count / 2
    let (left, right) = (joined(conditions[..<middle], by: word), joined(conditions[middle...], by: word))
    return "(\(part: left)\(part: word)\(part: right))"
  }

  private func condition(_ term: ResolvedFilter.Term) -> SQL {
    switch term {
    case .text(let spellings, let accounts):
      let texts = spellings.flatMap { [contains("t.own", $0.text), isInComment($0.text)] }
      return joined((texts + (accounts.isEmpty ? [] : [names(accounts)]))[...], by: " or ")
    case .number(let number): return "e.number = \(number)"
    case .kind(let kind): return "e.kind = \(kind.rawValue)"
    case .paid(let accounts): return names(accounts, roles: [true])
    case .with(let accounts): return names(accounts)
    case .by(let members): return isOne("e.created_by", of: members)
    case .date(let days): return "e.date between \(days.lowerBound) and \(days.upperBound)"
    case .amount(let limits): return condition(limits)
    case .currency(let currency): return "e.currency = \(currency)"
    case .category(let ids):
      return "exists (\(part: Self.categories) and \(part: isOne("c.category_id", of: ids)))"
    case .noCategory: return "not exists (\(part: Self.categories))"
    case .tag(let tag): return contains("t.own", Self.text(ofTag: tag))
    case .noTag: return "not (\(part: contains("t.own", "\n\t")))"
    case .refund: return "e.amount < 0"
    case .has(.comment):
      return "exists (select 1 from comments c where c.group_id = e.group_id and c.entry_id = e.id)"
    case .has(.items): return contains("t.marks", " items ")
    case .has(.note): return contains("t.marks", " note ")
    case .has(.receipt): return contains("t.marks", " receipt ")
    case .nothing: return Self.never
    }
  }

  private static let never: SQL = "1 = 0"
  private static let categories: SQL =
    "select 1 from entry_categories c where c.group_id = e.group_id and c.entry_id = e.id"

  /// A tag as it is in the text of an entry.
  static func text(ofTag tag: String) -> String { "\t#\(tag)\t" }

  /// The most values that are written one by one. More are one value, so that a filter has few parameters, whatever
  /// the group has.
  static let maxListed = 8

  /// Returns the condition that an entry names one of some accounts.
  /// - Parameter roles: Whether the account paid or sent.
  private func names(_ accounts: Set<LedgerAccount>, roles: [Bool] = [true, false]) -> SQL {
    let marks = accounts.flatMap { account in roles.map { EntryTexts.mark(account, isPaying: $0) } }.sorted()
    if accounts.count <= Self.maxListed {
      let texts = roles.count == 1 ? marks : accounts.map(EntryTexts.name(of:)).sorted()
      return joined(texts.map { contains("t.marks", $0) }[...], by: " or ")
    }
    // The marks of an entry are looked up in the set: the other way round, each entry would be compared with all accounts.
    return switch dialect {
    case .sqlite:
      """
      exists (select 1 from json_each('["' || replace(trim(t.marks), ' ', '","') || '"]') m
        where m.value in (select value from json_each(\(Self.array(marks)))))
      """
    case .postgres:
      """
      exists (select 1 from unnest(string_to_array(t.marks, ' ')) m (value)
        where m.value = any (string_to_array(\(marks.joined(separator: " ")), ' ')))
      """
    }
  }

  /// Returns the condition that a column has one of some ids.
  private func isOne(_ column: StaticString, of ids: Set<ID>) -> SQL {
    let ids = ids.sorted()
    guard !ids.isEmpty else { return Self.never }
    guard ids.count > Self.maxListed else { return "\(name: column) in (\(list: ids.map { "\($0)" }))" }
    let texts = ids.map(\.description)
    return switch dialect {
    case .sqlite: "\(name: column) in (select value from json_each(\(Self.array(texts))))"
    case .postgres: "\(name: column) = any (string_to_array(\(texts.joined(separator: " ")), ' ')::uuid[])"
    }
  }

  /// An array of JSON, of texts without special characters.
  private static func array(_ texts: [String]) -> String { "[\"\(texts.joined(separator: "\",\""))\"]" }

  /// Returns the condition that one of the comments contains a text.
  private func isInComment(_ text: String) -> SQL {
    """
    exists (select 1 from comment_texts c
      where c.group_id = e.group_id and c.entry_id = e.id and \(part: contains("c.text", text)))
    """
  }

  /// Returns the condition that a column contains a text, byte for byte.
  func contains(_ column: StaticString, _ text: String) -> SQL {
    switch dialect {
    case .sqlite: "instr(coalesce(\(name: column), ''), \(text)) > 0"
    case .postgres: "strpos(coalesce(\(name: column), ''), \(text)) > 0"
    }
  }

  private func condition(_ limits: ResolvedFilter.AmountLimits) -> SQL {
    let conditions = ResolvedFilter.AmountLimits.decimals.compactMap { decimals -> SQL? in
      guard let bounds = limits.bounds(decimals: decimals), let currencies = Self.currencies[decimals] else {
        return nil
      }
      return """
        \(part: currencies) and abs(e.amount) between \(bounds.lowerBound) and \(bounds.upperBound)
        """
    }
    return joined(conditions[...], by: " or ")
  }

  /// The conditions on the currency by its number of decimals. Most have two.
  private static let currencies: [Int: SQL] = {
    let known = Dictionary(grouping: Currency.all, by: \.decimals)
    let others: [SQL] = known.filter { $0.key != 2 }.flatMap(\.value).map(\.code).sorted().map { "\($0)" }
    return known.reduce(into: [:]) { conditions, group in
      let codes: [SQL] = group.value.map(\.code).sorted().map { "\($0)" }
      conditions[group.key] =
        group.key == 2 ? "e.currency not in (\(list: others))" : "e.currency in (\(list: codes))"
    }
  }()
}
