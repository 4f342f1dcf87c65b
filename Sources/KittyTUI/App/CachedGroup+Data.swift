import KittyShared

extension CachedGroup {
  init(_ data: GroupData, at moment: Instant) {
    self.init(
      savedAt: moment, group: data.group, members: data.members, balances: data.balances,
      categories: data.categories, entries: data.entries, next: data.next, sequence: data.sequence)
  }

  var data: GroupData {
    var data = GroupData(
      group: group, members: members, balances: balances, entries: entries, next: next)
    data.categories = categories
    data.sequence = sequence
    return data
  }
}
