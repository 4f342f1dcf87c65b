/// The text format of Prometheus, version 0.0.4.
enum PrometheusText {
  /// Writes the families that have samples.
  static func text(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families where !family.samples.isEmpty {
      text += "# HELP \(family.name) \(escaped(family.help))\n"
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        text += "\(family.name)\(sample.suffix)\(braces) \(number(sample.value))\n"
      }
    }
    return text
  }

  private static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    let plain = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quotes ? plain.replacing("\"", with: "\\\"") : plain
  }
}

extension LatencyHistogram.Reading {
  /// The samples of a Prometheus histogram: cumulative buckets, the sum in seconds, and the count.
  func samples(_ labels: [(name: String, value: String)]) -> [MetricFamily.Sample] {
    var below = 0
    var samples: [MetricFamily.Sample] = []
    for (index, number) in counts.enumerated() {
      below += number
      let bound =
        index < LatencyHistogram.bounds.count ? "\(Double(LatencyHistogram.bounds[index]) / 1e9)" : "+Inf"
      samples.append(
        MetricFamily.Sample(suffix: "_bucket", labels: labels + [("le", bound)], value: Double(below)))
    }
    samples.append(MetricFamily.Sample(suffix: "_sum", labels: labels, value: seconds))
    samples.append(MetricFamily.Sample(suffix: "_count", labels: labels, value: Double(below)))
    return samples
  }
}
