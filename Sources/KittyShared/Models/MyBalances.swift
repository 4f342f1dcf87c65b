/// The balances of the user in all their groups.
package struct MyBalances: Codable, Hashable, Sendable {
  /// Per currency, over all groups; zeros are left out.
  package let totals: [Money]
  /// Per group and currency; zeros are left out.
  package let groups: [GroupBalance]
  /// The `cursor` of the next page of groups; `nil` on the last page.
  package let next: String?

  /// The balance of the user in one group.
  package struct GroupBalance: Codable, Hashable, Sendable {
    /// The group.
    package let group: ID
    /// The name.
    package let name: String
    /// Minor units: positive is owed to the user.
    package let net: Int64
    /// The currency of the amount.
    package let currency: Currency

    package init(group: ID, name: String, net: Int64, currency: Currency) {
      self.group = group
      self.name = name
      self.net = net
      self.currency = currency
    }
  }

  package init(totals: [Money], groups: [GroupBalance], next: String? = nil) {
    self.totals = totals
    self.groups = groups
    self.next = next
  }
}
