import FoundationEssentials
import KittyShared

/// The bills of a project of ihatemoney, as JSON or CSV. Version 5 added the currency, version 7 the type.
///
/// The members are those whom bills name. The file has only the weights of payers, always those of today.
enum IHateMoneyFile: ImportedFile {
  static let format = ImportFormat.ihatemoney

  /// The columns that each version writes, in an order of its own.
  static let columns = ["what", "amount", "date", "payer_name", "payer_weight", "owers"]

  static func recognizes(_ file: ImportedDocument) -> Bool {
    if file.isJSON {
      let start = file.beginning
      return start.contains("\"payer_name\"") && start.contains("\"payer_weight\"")
    }
    return Set(columns).isSubset(of: file.header) && !CospendFile.recognizes(file)
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) async throws -> ImportedContent {
    let bills = try await Bills(file, options)
    guard bills.count > 0 else {
      throw Rejection.unreadable(.file, "empty", "The file has no bills. Export the bills of the project.")
    }
    var weights: [String: Number] = [:]
    try await bills.forEach { try note(weightIn: $0, &weights) }
    var books = Books(weights: weights)
    try await bills.forEach { try books.add($0, options) }
    books.addNotices()
    return ImportedContent(books: books.books, readings: bills.readings)
  }

  // MARK: - Weights

  /// Adds the weight of the payer of a bill.
  private static func note(weightIn bill: Bill, _ weights: inout [String: Number]) throws(Rejection) {
    guard !bill.weight.isNegative else {
      throw .invalid(bill.field("payer_weight"), "not_a_weight", "A weight must not be below zero.")
    }
    guard weights.updateValue(bill.weight, forKey: bill.payer).map({ $0 == bill.weight }) ?? true else {
      throw .invalid(
        bill.field("payer_weight"), "ambiguous",
        "\"\(bill.payer.cut(to: 60))\" has another weight than at the bills before. ihatemoney knows one weight of a member: correct the file."
      )
    }
  }

  static func number(_ text: String, _ field: String) throws(Rejection) -> Number {
    if let number = Number(text) { return number }
    throw .invalid(field, "not_a_number", "\"\(text.cut(to: 40))\" is not a number, such as 12.50.")
  }

  // MARK: - Entries

  /// The books, and what is told about them at the end.
  private struct Books {
    let weights: [String: Number]
    var books = ImportedBooks()
    private var indices: [String: Int] = [:]
    private var currencies: [String: Int] = [:]
    private var joint: [String] = []

    init(weights: [String: Number]) { self.weights = weights }

    private mutating func member(_ name: String) -> Int {
      if let index = indices[name] { return index }
      indices[name] = books.members.count
      books.members.append(.init(name: name))
      return books.members.count - 1
    }

    mutating func add(_ bill: Bill, _ options: ImportOptions) throws(Rejection) {
      let currency = try currency(of: bill, options)
      guard let (value, isExact) = bill.amount.units(of: currency) else {
        throw .invalid(bill.field("amount"), "too_large", "The amount is too large.")
      }
      guard isExact else {
        throw .invalid(
          bill.field("amount"), "fraction",
          "The amount has more decimals than the \(currency.decimals) of \(currency.code). Correct it in ihatemoney, and export the file again."
        )
      }
      guard !bill.payer.isEmpty else {
        throw .invalid(bill.field("payer_name"), "missing", "The name of the payer is missing.")
      }
      guard !bill.owers.isEmpty, !bill.owers.contains("") else {
        throw .invalid(bill.field("owers"), "missing", "The name of a member who takes part is missing.")
      }
      let payer = member(bill.payer)
      let owers = bill.owers.map { member($0) }
      guard Set(owers).count == owers.count else {
        throw .invalid(bill.field("owers"), "twice", "A member takes part twice.")
      }
      guard value != 0 else {
        return books.leaveOut(bill.place, bill.what, "Its amount is zero.")
      }
      currencies[currency.code, default: 0] += 1
      let isPayment = try isReimbursement(bill)
      let kind = try IHateMoneyFile.kind(
        value, from: payer, zip(owers, bill.owers).map { ($0, weights[$1] ?? .one) }, isPayment: isPayment,
        bill.field("owers"))
      var total = value
      if case .payment = kind {
        total = abs(value)
      } else if isPayment {
        joint.append("\(bill.place) \"\(bill.what.cut(to: 40))\"")
      }
      books.entries.append(
        ImportedEntry(
          place: bill.place, kind: kind, description: bill.what, amount: Amount(total, currency),
          date: bill.day))
    }

    /// Returns the currency of a bill; `XXX` is the code for none.
    private func currency(of bill: Bill, _ options: ImportOptions) throws(Rejection) -> Currency {
      let code = (bill.currency ?? "").trimmed
      if code.isEmpty || code == "XXX" {
        if let currency = options.currency(called: "") { return currency }
        throw .invalid(
          "currency", "currency_missing",
          "The file does not say the currency of its amounts. Send currency=EUR, or another code.")
      }
      return try Currency(read: code, bill.field("currency"))
    }

    private func isReimbursement(_ bill: Bill) throws(Rejection) -> Bool {
      switch bill.type {
      case nil, "", "Expense": return false
      case "Reimbursement": return true
      case .some(let type):
        throw .invalid(
          bill.field("bill_type"), "unknown_type",
          "\"\(type.cut(to: 40))\" is neither Expense nor Reimbursement.")
      }
    }

    mutating func addNotices() {
      let unknown = books.members.map(\.name).filter { weights[$0] == nil }
      if !unknown.isEmpty {
        books.notices.append(
          "Members who paid no bill, whose weight the file does not say, and who count as 1: \(unknown.count) (\(listed(unknown))). If one has another weight in ihatemoney, let them pay a bill for themselves alone there, and export the file again."
        )
      }
      if currencies.count > 1 {
        let counts = currencies.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        books.notices.append(
          "The bills are in \(counts.count) currencies (\(counts.joined(separator: ", "))). The file does not have the rates by which ihatemoney adds them up: here each currency has its own balances."
        )
      }
      if !joint.isEmpty {
        books.notices.append(
          "Reimbursements that are not from one member to another, and are expenses here: \(joint.count) (\(listed(joint)))."
        )
      }
    }
  }

  /// Returns the first of some texts, for a notice.
  static func listed(_ texts: [String]) -> String {
    let first = texts.prefix(10).map { $0.cut(to: 80) }.joined(separator: ", ")
    return texts.count > 10 ? "\(first) and \(texts.count - 10) more" : first
  }

  /// Returns the kind of an entry: a payment between two members, turned round below zero, or an expense.
  static func kind(
    _ value: Int64, from payer: Int, _ owers: [(member: Int, weight: Number)], isPayment: Bool,
    _ field: String
  ) throws(Rejection) -> ImportedEntry.Kind {
    if isPayment, owers.count == 1, let other = owers.first?.member, other != payer {
      return value > 0 ? .payment(from: payer, to: other) : .payment(from: other, to: payer)
    }
    guard let weights = Number.whole(owers.map(\.weight)) else {
      throw .invalid(
        field, "not_a_weight",
        "The weights of the members who take part must not all be zero, and must be in a ratio of whole numbers up to 1,000,000. Correct them, and export the file again."
      )
    }
    let split: ImportedEntry.Split =
      Set(weights) == [1]
      ? .equally(owers.map(\.member))
      : .shares(zip(owers, weights).map { .init(member: $0.member, weight: $1) })
    return .expense(payers: [.init(member: payer, amount: value)], split: split)
  }
}

extension IHateMoneyFile {
  /// A number as a program writes a floating-point number, digit by digit. Equal numbers have equal digits.
  struct Number: Hashable {
    let isNegative: Bool
    /// The digits without zeros at either end; none for zero.
    private let digits: ArraySlice<UInt8>
    /// The power of ten of the last digit.
    private let exponent: Int

    static let one = Number(isNegative: false, digits: [1], exponent: 0)

    private init(isNegative: Bool, digits: ArraySlice<UInt8>, exponent: Int) {
      (self.isNegative, self.digits, self.exponent) = (isNegative, digits, exponent)
    }

    /// Reads a number such as `-12.5` or `1e-05`; `nil` for another text.
    init?(_ text: String) {
      let parts = text.trimmed.lowercased().split(separator: "e", omittingEmptySubsequences: false)
      guard let mantissa = parts.first, let power = parts.count == 2 ? Int(parts[1]) : 0, parts.count <= 2,
        power.magnitude <= 9_999
      else { return nil }
      let isNegative = mantissa.hasPrefix("-")
      let pieces = mantissa.dropFirst(isNegative ? 1 : 0).split(
        separator: ".", omittingEmptySubsequences: false)
      let text = pieces.joined().unicodeScalars
      guard pieces.count <= 2, !text.isEmpty, text.allSatisfy(\.isDigit) else { return nil }
      let digits = text.map { UInt8(truncatingIfNeeded: $0.value - 48) }
      let zeros = digits.reversed().prefix { $0 == 0 }.count
      let significant = digits.dropLast(zeros).drop { $0 == 0 }
      self.init(
        isNegative: isNegative && !significant.isEmpty, digits: significant,
        exponent: significant.isEmpty ? 0 : power + zeros - (pieces.count == 2 ? pieces[1].count : 0))
    }

    /// Returns the number in minor units, rounded; it is exact within a millionth of the unit, by which
    /// floating-point arithmetic may miss. `nil` beyond the limit of amounts.
    func units(of currency: Currency) -> (value: Int64, isExact: Bool)? {
      let shift = exponent + currency.decimals
      let count = digits.isEmpty ? 0 : max(0, digits.count + shift)
      guard count <= 18 else { return nil }
      var value = digits.prefix(count).reduce(Int64(0)) { $0 * 10 + Int64($1) }
      for _ in 0..<max(0, count - digits.count) { value *= 10 }
      let rest = digits.dropFirst(count)
      // The decimals after the minor unit: zeros, then the digits that are left.
      let zeros = rest.isEmpty ? 0 : max(0, -(digits.count + shift))
      let decimals = (0..<max(1, 6 - currency.decimals)).map { place -> UInt8 in
        let index = rest.startIndex + place - zeros
        return place < zeros || index >= rest.endIndex ? 0 : rest[index]
      }
      let isExact = Set(decimals) == [0] || Set(decimals) == [9]
      if let first = decimals.first, first >= 5 { value += 1 }
      guard value <= Amount.limit else { return nil }
      return (isNegative ? -value : value, isExact)
    }

    var isZero: Bool { digits.isEmpty }

    /// Returns whole numbers in the same ratio, without a common divisor; `nil` when one is above 1,000,000
    /// or below zero, or all are zero.
    static func whole(_ numbers: [Number]) -> [Int64]? {
      let lowest = numbers.filter { !$0.isZero }.map(\.exponent).min() ?? 0
      var (values, divisor): ([Int64], Int64) = ([], 0)
      for number in numbers {
        let zeros = number.isZero ? 0 : number.exponent - lowest
        guard !number.isNegative, zeros <= 18, number.digits.count + zeros <= 18 else { return nil }
        var value = number.digits.reduce(Int64(0)) { $0 * 10 + Int64($1) }
        for _ in 0..<zeros { value *= 10 }
        values.append(value)
        var other = value
        while other != 0 { (divisor, other) = (other, divisor % other) }
      }
      guard divisor > 0 else { return nil }
      let whole = values.map { $0 / divisor }
      return whole.allSatisfy { $0 <= 1_000_000 } ? whole : nil
    }
  }
}
