import KittyShared

extension SafeText {
  /// The amount with its currency.
  init(_ money: Money) { self = "\(Amount(money.amount, money.currency).text()) \(money.currency.code)" }
}
