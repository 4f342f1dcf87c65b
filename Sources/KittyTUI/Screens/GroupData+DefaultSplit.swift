import KittyShared

extension GroupData {
  /// The default split of the group for a new expense, with its members named; `nil` for equally among all.
  var defaultSplit: SplitRule? { group.defaultSplit.flatMap(named) }

  /// Returns a split with its members named; `nil` for equally among all, or when a member with a percentage has left.
  func named(_ rule: SplitRule) -> SplitRule? {
    let people = Participants(present: present.map { (id: $0.id, weight: $0.weight) })
    guard var fitted = try? rule.fitted(to: people) else { return nil }
    guard fitted.parts == nil, fitted.method != .items else { return fitted }
    guard fitted.method != .equally else { return nil }
    fitted.parts = present.map { .init($0.id, weight: $0.weight) }
    return fitted
  }
}
