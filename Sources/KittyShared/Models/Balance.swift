/// Money on the wire: minor units beside their currency.
public struct Money: Codable, Hashable, Sendable {
  /// Minor units.
  public let amount: Int64
  /// What they are units of.
  public let currency: Currency

  /// Makes one.
  public init(amount: Int64, currency: Currency) {
    self.amount = amount
    self.currency = currency
  }
}

/// Where one member stands in one currency.
public struct Balance: Codable, Hashable, Sendable {
  /// Who.
  public let member: ID
  /// What the group calls them.
  public let name: String
  /// In which currency.
  public let currency: Currency
  /// What they have paid for the group: minor units.
  public let paid: Int64
  /// What they have to bear: minor units.
  public let share: Int64
  /// `paid - share`: positive is owed to them, negative they owe.
  public let net: Int64

  /// Makes one.
  public init(member: ID, name: String, currency: Currency, paid: Int64, share: Int64) {
    self.member = member
    self.name = name
    self.currency = currency
    self.paid = paid
    self.share = share
    net = paid - share
  }
}

/// Where everybody stands. Per currency the nets add up to zero.
public struct Balances: Codable, Hashable, Sendable {
  /// Every present member at least in the group's currency, and whoever else has a balance.
  public let balances: [Balance]

  /// Makes them.
  public init(balances: [Balance]) { self.balances = balances }
}
