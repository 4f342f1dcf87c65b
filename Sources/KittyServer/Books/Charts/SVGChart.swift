import KittyShared

/// A chart as an SVG picture: no script, no style from elsewhere, and the same bytes for the same numbers. The numbers are in its
/// `desc` too, for those who do not see it.
struct SVGChart: Sendable {
  let table: ChartTable

  /// The width of every chart, in pixels.
  static let width: Int64 = 800
  /// The height of the place for columns and lines, and its upper end.
  static let (plotHeight, plotTop): (Int64, Int64) = (280, 48)
  /// The left and the right end of that place.
  static let (plotLeft, plotRight): (Int64, Int64) = (104, 784)

  /// Colours that differ in their lightness too, for a print without colours. Source: Okabe and Ito, "Color Universal
  /// Design", 2008.
  static let colours = [
    "#0072b2", "#e69f00", "#444444", "#56b4e9", "#d55e00", "#f0e442", "#009e73", "#cc79a7",
  ]
  /// The dashes of lines, so that they differ without colours.
  private static let dashes = ["", "8 3", "2 3", "12 3 2 3", "5 5", "1 4", "16 4", "3 2 8 2"]

  static func colour(_ index: Int) -> String { colours[index % colours.count] }

  /// The document.
  var document: String {
    let body =
      table.labels.isEmpty || table.series.isEmpty
      ? SVGText.text("Nothing in this time.", 1600, 7200)
      : table.form == .bars ? bars : plot
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" viewBox="0 0 \(Self.width) \(height)" \
      role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="#222">
      <title id="title">\(SVGText.escaped(table.title))</title>
      <desc id="desc">\(SVGText.escaped(table.text))</desc>
      <rect x="0" y="0" width="\(Self.width)" height="\(height)" fill="#fff"/>
      \(SVGText.text(table.title, 1600, 2400, weight: "bold"))\(body)</svg>

      """
  }

  /// The height of the picture, in pixels.
  private var height: Int64 {
    if table.labels.isEmpty || table.series.isEmpty { return 96 }
    if table.form == .bars { return 56 + Int64(table.labels.count) * 24 }
    return Self.plotTop + Self.plotHeight + 40 + Int64((legend.count + 2) / 3) * 20
  }

  /// The names of the series, where there are several.
  private var legend: [String] { table.series.count > 1 ? table.series.map(\.name) : [] }

  /// Returns a short text of at most some characters.
  static func cut(_ text: String, _ count: Int) -> String {
    text.count <= count ? text : "\(text.prefix(count - 1))…"
  }

  func title(_ label: String, _ series: Int, _ amount: Int64) -> String {
    let name = table.series.count > 1 ? "\(table.series[series].name), " : ""
    return "\(name)\(label): \(Amount(amount, table.currency).decimal) \(table.currency.code)"
  }

  // MARK: - Bars to the right

  private var bars: String {
    let values = table.series[0].amounts
    // The amounts stand on the right of all bars.
    let (left, right) = (Int64(22_000), Int64(66_000))
    let scale = ChartScale(values, length: right - left)
    let zero = left + scale.place(0)
    var text = ""
    for (index, label) in table.labels.enumerated() {
      let y = 4000 + Int64(index) * 2400
      let end = left + scale.place(values[index])
      text += SVGText.text(Self.cut(label, 30), left - 800, y + 1300, anchor: "end")
      text += SVGText.bar(
        min(zero, end), y, max(zero, end) - min(zero, end), 1800, Self.colours[0],
        title(label, 0, values[index]))
      text += SVGText.text(
        Amount(values[index], table.currency).decimal, Self.plotRight * 100, y + 1300, anchor: "end")
    }
    return text + SVGText.line(zero, 3600, zero, 4000 + Int64(table.labels.count) * 2400, "#222")
  }

  // MARK: - Columns and lines

  private var plot: String {
    let scale = ChartScale(extremes, length: Self.plotHeight * 100)
    let (left, right) = (Self.plotLeft * 100, Self.plotRight * 100)
    let bottom = (Self.plotTop + Self.plotHeight) * 100
    var text = ""
    for mark in scale.marks {
      let y = bottom - scale.place(mark)
      text += SVGText.line(left, y, right, y, mark == 0 ? "#222" : "#ccc")
      text += SVGText.text(
        Amount(mark, table.currency).decimal, left - 800, y + 400, anchor: "end")
    }
    let step = (right - left) / Int64(table.labels.count)
    let every = (table.labels.count + 9) / 10
    for (index, label) in table.labels.enumerated() where index % every == 0 {
      text += SVGText.text(label, left + step * Int64(index) + step / 2, bottom + 1800, anchor: "middle")
    }
    text += table.form == .lines ? lines(scale, left, step, bottom) : columns(scale, left, step, bottom)
    for (index, name) in legend.enumerated() {
      let (x, y) = (left + Int64(index % 3) * 22_600, bottom + 4000 + Int64(index / 3) * 2000)
      text += SVGText.bar(x, y - 1000, 1200, 1200, Self.colour(index), name)
      text += SVGText.text(Self.cut(name, 28), x + 1800, y)
    }
    return text
  }

  /// The values that the scale must have: for columns the sums of what is above and below zero.
  private var extremes: [Int64] {
    if table.form == .lines { return table.series.flatMap(\.amounts) }
    return table.labels.indices.flatMap { index -> [Int64] in
      let amounts = table.series.map { $0.amounts[index] }
      return [
        amounts.reduce(0) { $1 > 0 ? Self.sum($0, $1) : $0 },
        amounts.reduce(0) { $1 < 0 ? Self.sum($0, $1) : $0 },
      ]
    }
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (right > 0 ? .max : .min) : sum
  }

  private func columns(_ scale: ChartScale, _ left: Int64, _ step: Int64, _ bottom: Int64) -> String {
    var text = ""
    for (index, label) in table.labels.enumerated() {
      var (above, below) = (Int64(0), Int64(0))
      for (number, series) in table.series.enumerated() where series.amounts[index] != 0 {
        let amount = series.amounts[index]
        let start = amount > 0 ? above : below
        let end = Self.sum(start, amount)
        if amount > 0 { above = end } else { below = end }
        let (low, high) = (scale.place(min(start, end)), scale.place(max(start, end)))
        text += SVGText.bar(
          left + step * Int64(index) + step / 10, bottom - high, step - step / 5, high - low,
          Self.colour(number), title(label, number, amount))
      }
    }
    return text
  }

  private func lines(_ scale: ChartScale, _ left: Int64, _ step: Int64, _ bottom: Int64) -> String {
    table.series.enumerated().map { number, series in
      let points = series.amounts.enumerated().map { index, amount in
        "\(SVGText.length(left + step * Int64(index) + step / 2)),\(SVGText.length(bottom - scale.place(amount)))"
      }
      let dash = Self.dashes[number % Self.dashes.count]
      let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
      return
        "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(Self.colour(number))\" stroke-width=\"2\"\(dashes)><title>\(SVGText.escaped(series.name))</title></polyline>\n"
    }.joined()
  }
}
