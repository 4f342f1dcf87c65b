import KittyShared

extension CachedGroup {
  init(_ data: GroupData, at moment: Instant) {
    self.init(
      savedAt: moment, group: data.group, members: data.members, balances: data.balances,
      categories: data.categories, rules: data.rules, entries: data.entries, next: data.next,
      sequence: data.sequence)
  }

  var data: GroupData {
    var data = GroupData(
      group: group, members: members, balances: balances, entries: entries, next: next)
    data.categories = categories
    data.rules = rules
    data.sequence = sequence
    return data
  }
}
