/// An amount in a request: `4250` minor units, or `"42.50"`.
package enum AmountInput: Codable, Hashable, Sendable {
  /// Whole minor units.
  case minorUnits(Int64)
  /// A decimal text with a point.
  case decimal(String)

  /// Reads a whole number or a text.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .decimal(text)
    } else if let units = try? container.decode(Int64.self) {
      self = .minorUnits(units)
    } else {
      throw FieldError(
        decoder, code: "not_an_amount",
        message:
          "An amount must be whole minor units that fit into 64 bits, such as 4250, or a string such as \"42.50\"."
      )
    }
  }

  /// Writes the amount in the form in which it was read.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .minorUnits(let units): try container.encode(units)
    case .decimal(let text): try container.encode(text)
    }
  }

  /// The amount in `currency`, of any sign.
  /// - Throws: `Rejection.invalid` for `field`: unreadable, or over `limit`.
  package func amount(
    in currency: Currency, _ field: String = "amount", limit: Int64 = Amount.limit
  ) throws(Rejection) -> Amount {
    let amount: Amount
    switch self {
    case .minorUnits(let units): amount = Amount(units, currency)
    case .decimal(let text):
      do { amount = try Amount(decimal: text, currency: currency) } catch {
        throw .invalid(field, "not_an_amount", error.description)
      }
    }
    guard amount.minorUnits.magnitude <= limit else {
      throw .invalid(field, "too_large", "An amount must be at most \(Amount(limit, currency)).")
    }
    return amount
  }

  /// The amount in `currency`, not zero.
  /// - Throws: `Rejection.invalid` for `field`.
  package func nonzeroAmount(in currency: Currency, _ field: String = "amount") throws(Rejection) -> Amount {
    let amount = try amount(in: currency, field)
    guard amount.minorUnits != 0 else {
      throw .invalid(field, "zero", "The amount must not be zero.")
    }
    return amount
  }

  /// The amount in `currency`, more than zero.
  /// - Throws: `Rejection.invalid` for `field`.
  package func positiveAmount(in currency: Currency, _ field: String = "amount") throws(Rejection) -> Amount {
    let amount = try nonzeroAmount(in: currency, field)
    guard amount.minorUnits > 0 else {
      throw .invalid(
        field, "negative", "The amount must be greater than zero: from and to give the direction.")
    }
    return amount
  }
}
