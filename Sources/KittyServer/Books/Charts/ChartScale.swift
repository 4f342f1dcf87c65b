/// The scale of a chart: from minor units to hundredths of a pixel.
struct ChartScale: Sendable {
  /// The lowest and the highest value; zero is between them.
  let low: Int64
  let high: Int64
  /// The length of the whole scale, in hundredths of a pixel.
  let length: Int64
  /// The values with a mark.
  let marks: [Int64]

  /// - Parameters:
  ///   - values: The values that must fit.
  ///   - length: Hundredths of a pixel.
  init(_ values: [Int64], length: Int64) {
    let (least, most) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    let span = UInt64(bitPattern: most &- least)
    // 1, 2 or 5 times a power of ten: at most six marks.
    var step: UInt64 = 1
    var factors: [UInt64] = [2, 5, 10]
    var base: UInt64 = 1
    while span / step >= 5 {
      guard let factor = factors.first else { break }
      let (next, overflow) = base.multipliedReportingOverflow(by: factor)
      if overflow { break }
      step = next
      factors.removeFirst()
      if factors.isEmpty { (base, factors) = (next, [2, 5, 10]) }
    }
    let unit = Int64(clamping: step)
    let down = least / unit - (least % unit == 0 ? 0 : 1)
    let up = most / unit + (most % unit == 0 ? 0 : 1)
    let (lowest, isTooLow) = down.multipliedReportingOverflow(by: unit)
    let (highest, isTooHigh) = (down == 0 && up == 0 ? 1 : up).multipliedReportingOverflow(by: unit)
    low = isTooLow ? least : lowest
    high = isTooHigh ? most : highest
    self.length = length
    marks = isTooLow || isTooHigh ? [least, 0, most] : (down...max(up, down == 0 ? 1 : up)).map { $0 * unit }
  }

  /// Returns the distance of a value from the lowest one: hundredths of a pixel, rounded.
  func place(_ value: Int64) -> Int64 {
    let (whole, part) = (Int128(high) - Int128(low), Int128(value) - Int128(low))
    return whole == 0 ? 0 : Int64((part * Int128(length) * 2 + whole) / (whole * 2))
  }
}
