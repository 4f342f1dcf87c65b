import FoundationEssentials
import KittyShared

/// A number of a JSON document, written as a number or as a text, as programs with large integers write it.
struct ImportedNumber: Decodable, Sendable, Hashable {
  /// The number as a text, without white space around it.
  let text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Int64.self) {
      text = "\(value)"
    } else if let value = try? container.decode(String.self) {
      text = value.trimmed
    } else {
      text = "\(try container.decode(Double.self))"
    }
  }

  /// Returns the whole number, at most the limit of an amount.
  func whole(_ field: String) throws(Rejection) -> Int64 {
    if let value = Int64(text) {
      guard value.magnitude <= Amount.limit else { throw .tooLarge(field) }
      return value
    }
    guard let value = Double(text), value.isFinite, value.magnitude > Double(Amount.limit) else {
      throw .invalid(field, "not_readable", "\"\(text.cut(to: 40))\" is not a whole number.")
    }
    throw .tooLarge(field)
  }

  /// Returns the minor units of an amount that the other program counts with its own number of decimals.
  func units(_ decimals: Int, _ currency: Currency, _ field: String) throws(Rejection) -> Int64 {
    var units = try whole(field)
    for _ in 0..<max(0, currency.decimals - decimals) {
      // Four more digits of a number up to the limit still fit 64 bits.
      units *= 10
    }
    for _ in 0..<max(0, decimals - currency.decimals) {
      guard units.isMultiple(of: 10) else {
        throw .invalid(
          field, "fraction",
          "\(decimal(decimals)) has decimals, and \(currency.code) has \(currency.decimals).")
      }
      units /= 10
    }
    guard units.magnitude <= Amount.limit else { throw .tooLarge(field) }
    return units
  }

  /// Returns a number of minor units with a point before its decimals.
  func decimal(_ decimals: Int) -> String {
    guard decimals > 0, let value = Int64(text) else { return text }
    let digits = "\(value.magnitude)"
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return (value < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}

/// Names of which no two look the same: the second `Ann` is `Ann 2`.
struct DistinctNames {
  private(set) var notices: [String] = []
  private var taken: Set<String> = []
  private var numbers: [String: Int] = [:]

  /// Returns the name for a member.
  /// - Parameter standIn: The name of a member without one.
  mutating func add(_ text: String, orElse standIn: String) -> String {
    let name = text.trimmed.nameKey.isEmpty ? standIn : text.trimmed
    if name != text.trimmed { notices.append("\(standIn) has no name in the file.") }
    guard !taken.insert(name.nameKey).inserted else { return name }
    var number = numbers[name.nameKey] ?? 2
    while !taken.insert("\(name) \(number)".nameKey).inserted { number += 1 }
    numbers[name.nameKey] = number + 1
    notices.append(
      "Several members have the name \(name.cut(to: 60)): one of them is \(name.cut(to: 60)) \(number) here.")
    return "\(name) \(number)"
  }
}

extension Day {
  /// Reads the day at the beginning of a time.
  init(read text: String?, _ field: String) throws(Rejection) {
    guard let text else { throw .invalid(field, "missing", "This field is missing in the file.") }
    guard let day = Day(text.cut(to: 10)) else {
      throw .invalid(field, "not_a_date", "\"\(text.cut(to: 40))\" is not a day.")
    }
    self = day
  }
}

extension Currency {
  /// Reads the code of a currency.
  init(read code: String, _ field: String) throws(Rejection) {
    guard let currency = Currency(code: code) else { throw .unknownCurrency(code, field) }
    self = currency
  }
}

extension Rejection {
  /// The rejection of an amount in a currency that the books cannot have, such as a cryptocurrency. Its worth in another one is not
  /// guessed.
  static func unknownCurrency(_ code: String, _ field: String) -> Rejection {
    let name = "\"\(code.cut(to: 10))\""
    return .invalid(
      field, "unknown_currency",
      "\(name) is not a currency of ISO 4217, and the books have no others. Change its amounts to another currency in the program that wrote the file, and export it again; or remove all of \(name) from the file."
    )
  }

  static func unknownMember(_ field: String) -> Rejection {
    .invalid(field, "unknown_member", "The file has no member with this id. Export it again.")
  }

  static func tooLarge(_ field: String) -> Rejection {
    .invalid(field, "too_large", "The number is too large.")
  }
}

extension ImportedBooks {
  /// Adds a notice about a number of entries.
  mutating func count(_ number: Int, _ one: String, _ many: String) {
    if number > 0 { notices.append(number == 1 ? one : many) }
  }

  /// Adds a notice about amounts that their rates do not map to those in the currency of the group.
  mutating func addNotice(ofMisfits places: [String]) {
    guard !places.isEmpty else { return }
    notices.append(
      "Amounts in another currency whose rate does not give the amount in that of the group, which counts: \(IHateMoneyFile.listed(places))."
    )
  }
}

extension ImportedEntry {
  mutating func addNote(_ line: String) {
    note = [note, line].compactMap { $0?.trimmed.isEmpty == false ? $0 : nil }.joined(separator: "\n")
  }

  /// Makes it a payment: one below zero went the other way.
  mutating func becomePayment(from: Int, to: Int) {
    let isTurned = amount.minorUnits < 0
    kind = isTurned ? .payment(from: to, to: from) : .payment(from: from, to: to)
    category = nil
    guard isTurned else { return }
    amount = Amount(-amount.minorUnits, amount.currency)
    if let paid = original {
      original = .init(amount: Amount(-paid.amount.minorUnits, paid.amount.currency), rate: paid.rate)
    }
  }
}

extension ImportedEntry.Split {
  var members: [Int] {
    switch self {
    case .equally(let members): members
    case .shares(let weights): weights.map(\.member)
    case .exact(let parts): parts.map(\.member)
    }
  }

  /// Returns a split by weights, with the least whole numbers of the same proportions.
  static func reduced(_ members: [Int], _ weights: [Int64], _ field: String) throws(Rejection) -> Self {
    var divisor: Int64 = 0
    for weight in weights {
      var (left, right) = (divisor, weight)
      while right != 0 { (left, right) = (right, left % right) }
      divisor = left
    }
    guard divisor > 0 else { throw .invalid(field, "no_weight", "Every share is zero.") }
    guard weights.allSatisfy({ $0 / divisor <= 1_000_000 }) else {
      throw .invalid(field, "too_large", "The shares are too large: a weight is at most 1,000,000.")
    }
    return .shares(zip(members, weights).map { .init(member: $0, weight: $1 / divisor) })
  }
}
