/// A plain decimal number of a filter. It has no currency, so it can have more decimals than one.
package struct FilterNumber: Hashable, Sendable {
  /// The digits without the decimal mark.
  package let coefficient: UInt64
  /// The number of decimals; the last one is not zero.
  package let decimals: Int

  private static let maxDigits = 18

  /// Makes a number.
  package init(_ coefficient: UInt64, decimals: Int = 0) {
    var (coefficient, decimals) = (coefficient, decimals)
    while decimals > 0, coefficient.isMultiple(of: 10) {
      (coefficient, decimals) = (coefficient / 10, decimals - 1)
    }
    self.coefficient = coefficient
    self.decimals = decimals
  }

  /// Reads `50`, `50.20`, `50,20` or `.5`; `nil` for another text.
  init?(_ text: some StringProtocol) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "," }
    guard let whole = parts.first, parts.count <= 2, let last = parts.last, !last.isEmpty else { return nil }
    let fraction = parts.count == 2 ? String(last) : ""
    let digits = String(whole) + fraction
    guard digits.utf8.count <= Self.maxDigits, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let coefficient = UInt64(digits)
    else { return nil }
    self.init(coefficient, decimals: fraction.utf8.count)
  }

  /// The two readings of a value with a comma before three digits, such as `1,234`; `nil` for other values.
  static func ambiguous(_ value: String) -> (group: String, decimals: String)? {
    let plain = value.drop { "<>=".contains($0) }
    let pieces = String(plain).rangeEnds.map { [$0.first, $0.last] } ?? [plain]
    for piece in pieces {
      let parts = piece.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].count == 3, (1...3).contains(parts[0].count), parts[0] != "0" else {
        continue
      }
      return (parts.joined(), parts.joined(separator: "."))
    }
    return nil
  }

  /// The number in units of a currency with so many decimals: the units below it, and whether they are exactly it.
  func units(decimals: Int) -> (floor: UInt128, isExact: Bool) {
    func power(_ exponent: Int) -> UInt128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
    if self.decimals <= decimals { return (UInt128(coefficient) * power(decimals - self.decimals), true) }
    let (quotient, rest) = UInt128(coefficient).quotientAndRemainder(
      dividingBy: power(self.decimals - decimals))
    return (quotient, rest == 0)
  }
}

extension FilterNumber: Comparable {
  /// The smaller number is less.
  package static func < (left: FilterNumber, right: FilterNumber) -> Bool {
    let decimals = max(left.decimals, right.decimals)
    return left.units(decimals: decimals).floor < right.units(decimals: decimals).floor
  }
}

extension FilterNumber: CustomStringConvertible {
  /// The digits, with a decimal point.
  package var description: String {
    let digits = String(coefficient)
    guard decimals > 0 else { return digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return "\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }
}

/// The amounts that a filter asks for, by their magnitude.
package enum FilterAmounts: Hashable, Sendable {
  /// Exactly this amount: `50`.
  case exactly(FilterNumber)
  /// `>50`.
  case above(FilterNumber)
  /// `>=50` or `50..`.
  case atLeast(FilterNumber)
  /// `<50`.
  case below(FilterNumber)
  /// `<=50` or `..50`.
  case atMost(FilterNumber)
  /// From one amount to another one, both included: `20..50`.
  case range(FilterNumber, FilterNumber)

  /// Reads the value of a field; `nil` for another text.
  init?(_ text: String) {
    for (sign, make) in Self.signs where text.hasPrefix(sign) {
      guard let number = FilterNumber(text.dropFirst(sign.count)) else { return nil }
      self = make(number)
      return
    }
    guard let (first, last) = text.rangeEnds else {
      guard let number = FilterNumber(text) else { return nil }
      self = .exactly(number)
      return
    }
    let (from, to) = (FilterNumber(first), FilterNumber(last))
    guard from != nil || first.isEmpty, to != nil || last.isEmpty else { return nil }
    switch (from, to) {
    case (let from?, let to?): self = .range(from, to)
    case (let from?, nil): self = .atLeast(from)
    case (nil, let to?): self = .atMost(to)
    case (nil, nil): return nil
    }
  }

  /// The longer signs are first.
  private static let signs: [(String, @Sendable (FilterNumber) -> FilterAmounts)] = [
    (">=", { .atLeast($0) }), ("<=", { .atMost($0) }), (">", { .above($0) }), ("<", { .below($0) }),
  ]

  /// `true` for a range that ends below its beginning.
  var isReversed: Bool { if case .range(let from, let to) = self { to < from } else { false } }

  /// The amounts in minor units of a currency with so many decimals; `nil` when it has none of them.
  func bounds(decimals: Int) -> ClosedRange<Int64>? {
    func ceiling(_ number: FilterNumber) -> UInt128 {
      let units = number.units(decimals: decimals)
      return units.isExact ? units.floor : units.floor + 1
    }
    func floor(_ number: FilterNumber) -> UInt128 { number.units(decimals: decimals).floor }
    let most = UInt128(Int64.max)
    let (lower, upper): (UInt128, UInt128)
    switch self {
    case .exactly(let number): (lower, upper) = (ceiling(number), floor(number))
    case .above(let number): (lower, upper) = (floor(number) + 1, most)
    case .atLeast(let number): (lower, upper) = (ceiling(number), most)
    case .below(let number):
      guard ceiling(number) > 0 else { return nil }
      (lower, upper) = (0, ceiling(number) - 1)
    case .atMost(let number): (lower, upper) = (0, floor(number))
    case .range(let from, let to): (lower, upper) = (ceiling(from), floor(to))
    }
    guard lower <= min(upper, most) else { return nil }
    return Int64(lower)...Int64(min(upper, most))
  }
}

extension FilterAmounts: CustomStringConvertible {
  /// The value of a field.
  package var description: String {
    switch self {
    case .exactly(let number): "\(number)"
    case .above(let number): ">\(number)"
    case .atLeast(let number): ">=\(number)"
    case .below(let number): "<\(number)"
    case .atMost(let number): "<=\(number)"
    case .range(let from, let to): "\(from)..\(to)"
    }
  }
}

extension String {
  /// The texts before and after `..`; `nil` for a text without it.
  var rangeEnds: (first: Substring, last: Substring)? {
    guard let dots = firstRange(of: "..") else { return nil }
    return (self[..<dots.lowerBound], self[dots.upperBound...])
  }
}
