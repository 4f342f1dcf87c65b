/// Something that was paid for, and who bears it.
public struct Expense: Codable, Hashable, Sendable {
  /// The entry's id.
  public let id: ID
  /// A short number to say aloud: 12 is `#12`. Per group, never used twice.
  public let number: Int64
  /// What it was for.
  public let description: String
  /// Minor units.
  public let amount: Int64
  /// What they are units of.
  public let currency: Currency
  /// The day it belongs to.
  public let date: Day
  /// The member who paid.
  public let payer: ID
  /// Who bears how much; they add up to the amount exactly.
  public let shares: [Split.Share]
  /// The member who entered it.
  public let createdBy: ID
  /// When it was entered.
  public let createdAt: Instant
  /// When it was deleted; `nil` while it counts.
  public let deletedAt: Instant?
  /// Grows with each change; the `ETag`.
  public let version: Int64

  /// Makes one.
  public init(
    id: ID, number: Int64, description: String, amount: Int64, currency: Currency, date: Day, payer: ID,
    shares: [Split.Share], createdBy: ID, createdAt: Instant, deletedAt: Instant?, version: Int64
  ) {
    self.id = id
    self.number = number
    self.description = description
    self.amount = amount
    self.currency = currency
    self.date = date
    self.payer = payer
    self.shares = shares
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.deletedAt = deletedAt
    self.version = version
  }
}

/// A request to enter an expense that its participants share equally.
public struct NewExpense: RequestBody, Hashable {
  /// The id, when the client makes it. Sending the same one twice enters the expense once.
  public var id: ID?
  /// What it was for: at most 200 characters.
  public var description: String
  /// How much: minor units, or a decimal text.
  public var amount: AmountInput
  /// The group's currency when left out.
  public var currency: Currency?
  /// The day it belongs to; today in UTC when left out.
  public var date: Day?
  /// The member who paid.
  public var payer: ID
  /// Who shares it, each once: at most 500; everybody in the group when left out.
  public var participants: [ID]?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case id, description, amount, currency, date, payer, participants
  }

  /// Makes one.
  public init(
    id: ID? = nil, description: String, amount: AmountInput, currency: Currency? = nil, date: Day? = nil,
    payer: ID, participants: [ID]? = nil
  ) {
    self.id = id
    self.description = description
    self.amount = amount
    self.currency = currency
    self.date = date
    self.payer = payer
    self.participants = participants
  }

  /// Checks all fields that can be checked without the group.
  public func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(description, "description", max: 200)
    guard let participants else { return }
    checks.require(
      !participants.isEmpty, "participants", "nobody",
      "Name at least one member, or leave this out for everybody.")
    checks.require(participants.count <= 500, "participants", "too_many", "Name at most 500 members.")
    checks.require(
      Set(participants).count == participants.count, "participants", "twice", "Name each member once.")
  }
}

/// An amount as a request may say it: `4250` minor units, or `"42.50"`.
public enum AmountInput: Codable, Hashable, Sendable {
  /// Whole minor units.
  case minorUnits(Int64)
  /// A decimal text with a point.
  case decimal(String)

  /// Reads a whole number or a text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .decimal(text)
    } else if let units = try? container.decode(Int64.self) {
      self = .minorUnits(units)
    } else {
      throw FieldError(
        decoder, code: "not_an_amount",
        message: "Write whole minor units that fit 64 bits, such as 4250, or a text such as \"42.50\".")
    }
  }

  /// Writes what was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .minorUnits(let units): try container.encode(units)
    case .decimal(let text): try container.encode(text)
    }
  }

  /// The amount in `currency`.
  /// - Throws: `Problem.invalid` for the field `amount`: unreadable, zero, negative or over `Amount.limit`.
  public func positiveAmount(in currency: Currency) throws(Problem) -> Amount {
    let amount: Amount
    switch self {
    case .minorUnits(let units): amount = Amount(units, currency)
    case .decimal(let text):
      do { amount = try Amount(decimal: text, currency: currency) } catch {
        throw .invalid("amount", "not_an_amount", error.description)
      }
    }
    guard amount.minorUnits != 0 else {
      throw .invalid("amount", "zero", "An amount of zero changes nothing.")
    }
    guard amount.minorUnits > 0 else {
      throw .invalid("amount", "negative", "An expense is more than zero.")
    }
    guard amount.minorUnits <= Amount.limit else {
      throw .invalid(
        "amount", "too_large", "An amount is at most \(Amount(Amount.limit, currency)).")
    }
    return amount
  }
}
