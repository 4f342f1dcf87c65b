extension Filter {
  /// Looks up names and relative dates in a group.
  /// - Throws: `FilterProblem` for the first name that the group does not have, that may mean several, or for a range that
  ///   ends before its beginning.
  package func resolved(in context: FilterContext) throws(FilterProblem) -> ResolvedFilter {
    var resolver = FilterResolver(context: context, isAmongSeveral: false, places: places[...])
    return try resolver.resolve(expression)
  }

  /// Looks up names and relative dates in one of several groups: a condition with a name that this one does not have
  /// is met by none of its entries, and a name that may mean several means each of them.
  /// - Returns: The filter, and the names that the group does not have.
  /// - Throws: `FilterProblem` for a range that ends before its beginning, which is a fault in every group.
  package func resolvedAmongSeveral(
    in context: FilterContext
  ) throws(FilterProblem) -> (filter: ResolvedFilter, unknown: [FilterProblem]) {
    var resolver = FilterResolver(context: context, isAmongSeveral: true, places: places[...])
    let resolved = try resolver.resolve(expression)
    return (resolved, resolver.unknown)
  }
}

/// Walks through a filter in the order of its terms.
private struct FilterResolver {
  let context: FilterContext
  /// `true` to accept names that the group does not have, or of which it has several.
  let isAmongSeveral: Bool
  /// The places of the terms that are still to come.
  var places: ArraySlice<FilterPlace>
  var unknown: [FilterProblem] = []

  mutating func resolve(_ expression: FilterExpression) throws(FilterProblem) -> ResolvedFilter {
    switch expression {
    case .term(let term): return .term(try resolve(term, at: places.removeFirst()))
    case .not(let operand): return .not(try resolve(operand))
    case .all(let operands): return .all(try resolve(operands))
    case .any(let operands): return .any(try resolve(operands))
    }
  }

  private mutating func resolve(
    _ operands: [FilterExpression]
  ) throws(FilterProblem) -> [ResolvedFilter] {
    var resolved: [ResolvedFilter] = []
    for operand in operands { resolved.append(try resolve(operand)) }
    return resolved
  }

  private mutating func resolve(
    _ term: FilterTerm, at place: FilterPlace
  ) throws(FilterProblem) -> ResolvedFilter.Term {
    switch term {
    case .text(let word):
      return .text(
        spellings: FoldedText.spellings(of: word), accounts: context.accounts(containing: word.folded))
    case .number(let number): return .number(number)
    case .kind(let kind): return .kind(kind)
    case .paid(let name): return try found(context.accounts(name), at: place).map { .paid($0) } ?? .nothing
    case .with(let name): return try found(context.accounts(name), at: place).map { .with($0) } ?? .nothing
    case .by(let name):
      return try found(context.accounts(name), at: place).map { .by(Set($0.compactMap(\.member))) }
        ?? .nothing
    case .date(let dates):
      let (first, last) = dates.ends(today: context.today)
      guard first <= last else {
        throw FilterProblem(
          .reversedRange, "The range ends before its beginning: write the earlier day first.", at: place)
      }
      return .date(first...last)
    case .amount(let amounts): return .amount(ResolvedFilter.AmountLimits(amounts))
    case .currency(let currency): return .currency(currency)
    case .category(.none): return .noCategory
    case .category(.named(let name)):
      return try found(context.categories(name), at: place).map { .category($0) } ?? .nothing
    case .tag(.none): return .noTag
    case .tag(.named(let name)): return .tag(name.folded)
    case .refund: return .refund
    case .has(let part): return .has(part)
    }
  }

  private mutating func found<Value>(
    _ lookup: FilterContext.Lookup<Value>, at place: FilterPlace
  ) throws(FilterProblem) -> Value? {
    switch lookup {
    case .found(let value): return value
    case .ambiguous(let values, let message):
      guard isAmongSeveral else { throw FilterProblem(.ambiguousName, message, at: place) }
      return values
    case .unknown(let message):
      let problem = FilterProblem(.unknownName, message, at: place)
      guard isAmongSeveral else { throw problem }
      unknown.append(problem)
      return nil
    }
  }
}
