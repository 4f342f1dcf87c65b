import FoundationEssentials
import KittyShared

/// A line in Amazon CloudWatch's embedded metric format: a JSON object that names which of its members are metrics.
/// Counters have the increase since the line before, gauges their current value.
struct CloudWatchLine {
  private let metrics: [Metric]
  private let head: Head

  /// A number with its name and its unit, in the terms of CloudWatch.
  struct Metric {
    let name: String
    let unit: String
    let value: Double

    init(_ name: String, _ unit: String, _ value: Double) {
      self.name = name
      self.unit = unit
      self.value = value
    }

    init(_ name: String, _ number: Int) { self.init(name, "Count", Double(number)) }
  }

  private struct Head {
    let namespace: String
    let program: String
    let at: Instant
  }

  init(_ now: MetricsSnapshot, since last: MetricsSnapshot, namespace: String) {
    head = Head(namespace: namespace, program: now.program, at: now.at)
    metrics =
      Self.requests(now, since: last) + Self.database(now, since: last) + Self.jobs(now)
      + Self.others(now, since: last)
  }

  private static func requests(_ now: MetricsSnapshot, since last: MetricsSnapshot) -> [Metric] {
    func increase(_ statuses: ClosedRange<Int>) -> Int { now.requests(statuses) - last.requests(statuses) }
    let latencies = now.latencies - last.latencies
    let quantiles = [("LatencyP50", 0.5), ("LatencyP95", 0.95), ("LatencyP99", 0.99)].compactMap {
      name, part in
      latencies.quantile(part).map { Metric(name, "Milliseconds", $0 * 1000) }
    }
    return [
      Metric("Requests", increase(100...599)), Metric("ClientErrors", increase(400...499)),
      Metric("ServerErrors", increase(500...599)), Metric("RequestsInFlight", now.inFlight),
      Metric("LatencySum", "Milliseconds", latencies.seconds * 1000),
    ] + quantiles
  }

  private static func database(_ now: MetricsSnapshot, since last: MetricsSnapshot) -> [Metric] {
    func failures(_ snapshot: MetricsSnapshot) -> Int {
      snapshot.failures.reduce(0) { $1.kind == "refused" ? $0 : $0 + $1.number }
    }
    func statements(_ snapshot: MetricsSnapshot) -> Int { snapshot.batches.reduce(0) { $0 + $1.statements } }
    var metrics = [
      Metric("DatabaseStatements", statements(now) - statements(last)),
      Metric("DatabaseFailures", failures(now) - failures(last)),
      Metric("DatabaseWaiting", now.pools.reduce(0) { $0 + $1.waiting }),
      Metric("DatabaseUp", now.stored == nil ? 0 : 1),
    ]
    let connections = now.pools.compactMap(\.connections)
    if !connections.isEmpty {
      metrics.append(Metric("DatabaseConnections", connections.reduce(0) { $0 + $1.open }))
      metrics.append(Metric("DatabaseConnectionsBusy", connections.reduce(0) { $0 + $1.busy }))
    }
    if let isRedisUp = now.isRedisUp { metrics.append(Metric("RedisUp", isRedisUp ? 1 : 0)) }
    return metrics
  }

  private static func jobs(_ now: MetricsSnapshot) -> [Metric] {
    guard let jobs = now.stored?.jobs else { return [] }
    return [
      Metric("JobsDue", jobs.due), Metric("JobsScheduled", jobs.scheduled),
      Metric("JobsRunning", jobs.running), Metric("JobsDead", jobs.dead),
      Metric("JobsOldestDue", "Seconds", jobs.oldestDueSeconds),
    ]
  }

  private static func others(_ now: MetricsSnapshot, since last: MetricsSnapshot) -> [Metric] {
    func sum<Value>(_ values: [Value], _ number: (Value) -> Int) -> Int {
      values.reduce(0) { $0 + number($1) }
    }
    func photos(_ snapshot: MetricsSnapshot, _ name: String) -> Int {
      snapshot.photos.first { $0.name == name }?.number ?? 0
    }
    var metrics = [
      Metric("CacheHits", sum(now.caches, \.hits) - sum(last.caches, \.hits)),
      Metric("CacheMisses", sum(now.caches, \.misses) - sum(last.caches, \.misses)),
      Metric("PhotosConverted", photos(now, "converted") - photos(last, "converted")),
      Metric("PhotosFailed", photos(now, "failed") - photos(last, "failed")),
    ]
    if let dropped = now.droppedLines {
      metrics.append(Metric("LogLinesDropped", dropped - (last.droppedLines ?? 0)))
    }
    if let process = now.process {
      metrics.append(Metric("ResidentMemory", "Bytes", Double(process.residentBytes)))
      metrics.append(Metric("OpenFiles", process.openFiles))
      if let before = last.process {
        metrics.append(Metric("CPU", "Seconds", process.cpuSeconds - before.cpuSeconds))
      }
    }
    return metrics
  }

  /// The line, with its line feed.
  /// - Throws: An error of the encoder.
  var data: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }
}

extension CloudWatchLine: Encodable {
  /// The name of a member.
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Definition: Encodable {
    let name: String
    let unit: String
    enum CodingKeys: String, CodingKey { case name = "Name", unit = "Unit" }
  }

  private struct Directive: Encodable {
    let namespace: String
    let dimensions: [[String]]
    let metrics: [Definition]
    enum CodingKeys: String, CodingKey {
      case namespace = "Namespace", dimensions = "Dimensions", metrics = "Metrics"
    }
  }

  private struct Metadata: Encodable {
    let timestamp: Int64
    let directives: [Directive]
    enum CodingKeys: String, CodingKey { case timestamp = "Timestamp", directives = "CloudWatchMetrics" }
  }

  /// Writes the members for CloudWatch, and the fields that all lines of the log have.
  func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Key.self)
    let directive = Directive(
      namespace: head.namespace, dimensions: [["Program"]],
      metrics: metrics.map { Definition(name: $0.name, unit: $0.unit) })
    try members.encode(
      Metadata(timestamp: head.at.milliseconds, directives: [directive]), forKey: Key("_aws"))
    try members.encode(head.program, forKey: Key("Program"))
    try members.encode(head.at.description, forKey: Key("time"))
    try members.encode("info", forKey: Key("level"))
    try members.encode(head.program, forKey: Key("program"))
    try members.encode("metrics", forKey: Key("message"))
    for metric in metrics { try members.encode(metric.value, forKey: Key(metric.name)) }
  }
}
