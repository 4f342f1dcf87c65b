/// A metric with its samples, in the terms of Prometheus.
struct MetricFamily {
  let name: String
  let help: String
  let kind: Kind
  var samples: [Sample]

  enum Kind: String { case counter, gauge, histogram }

  /// A number and its labels.
  struct Sample {
    /// Suffix of the family's name, such as `_bucket`.
    var suffix = ""
    var labels: [(name: String, value: String)] = []
    let value: Double
  }

  init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// A family with one sample.
  init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    self.init(name, kind, help, [Sample(value: value)])
  }
}
