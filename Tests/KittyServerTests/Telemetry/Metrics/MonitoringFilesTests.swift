import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The dashboard and the alerts of etc/ ask for metrics that `/metrics` prints, and the manual explains each.
@Suite struct MonitoringFilesTests {
  /// The labels that Prometheus adds by itself.
  private static let added: Set<String> = ["job", "instance"]

  /// The values of each label of each metric, as a server prints them that has everything.
  private static func printed() async throws -> [String: [String: Set<String>]] {
    var printed: [String: [String: Set<String>]] = [:]
    try await TestServer.run(on: .sqlite) { (server) async throws in
      _ = try await server.send("GET", "/health/live")
      server.dependencies.metrics.jobs.count(Job.Kind.removePhoto.rawValue, .failed)
      var snapshot = await server.dependencies.collector(of: "kittycash-server").snapshot()
      // SQLite has no connections; the others are optional.
      snapshot.pools = [DatabaseLoad(pool: "writer", connections: (open: 1, busy: 0, limit: 8), waiting: 0)]
      snapshot.stored = MetricsSnapshot.Stored(jobs: JobCounts(), findings: 0, lastHeartbeat: .now)
      snapshot.refusedHeads = [(status: 400, number: 1)]
      snapshot.isRedisUp = true
      snapshot.droppedLines = 0
      for family in snapshot.families {
        #expect(!family.samples.isEmpty, "\(family.name) has no sample")
        for sample in family.samples {
          for label in sample.labels {
            printed[family.name + sample.suffix, default: [:]][label.name, default: []].insert(label.value)
          }
          if sample.labels.isEmpty { printed[family.name + sample.suffix] = [:] }
        }
      }
    }
    return printed
  }

  /// The expressions of the alerts.
  private static func alerts() throws -> [String] {
    let lines = try Document("etc/prometheus/alerts.yml").text.split(separator: "\n").map(String.init)
    return lines.indices.compactMap { index in
      guard let expression = lines[index].firstMatch(of: #/^ +expr: (.*)$/#)?.1 else { return nil }
      guard expression == ">-" else { return String(expression) }
      return lines[(index + 1)...].prefix { $0.hasPrefix("          ") }.joined(separator: " ")
    }
  }

  /// A question of the dashboard, and the text for each of its lines.
  private struct Target: Decodable {
    let expr: String
    let legendFormat: String
  }

  private static func dashboard() throws -> [Target] {
    struct Dashboard: Decodable {
      struct Panel: Decodable { let targets: [Target]? }
      let panels: [Panel]
    }
    let text = try Document("etc/grafana/kittycash.json").text
    return try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8)).panels.flatMap { $0.targets ?? [] }
  }

  /// The metrics of an expression, each with the matchers in its braces.
  private static func metrics(_ expression: String) -> [(name: String, matchers: String)] {
    expression.matches(of: #/\b(up|(?:kittycash|process)_[a-z_]+)\b(?:\{((?:[^"}]|"[^"]*")*)\})?/#).map {
      (String($0.1), String($0.2 ?? ""))
    }
  }

  /// The labels that an expression groups by.
  private static func groups(_ expression: String) -> Set<String> {
    Set(
      expression.matches(of: #/\b(?:by|without|on) \(([a-z_, ]*)\)/#).flatMap { match in
        match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      })
  }

  @Test func expressionsNameOnlyWhatIsPrinted() async throws {
    let printed = try await Self.printed()
    let expressions = try Self.alerts() + Self.dashboard().map(\.expr)
    #expect(expressions.count > 50)
    for expression in expressions {
      // Its own names: without texts, whose words could look like one.
      let metrics = Self.metrics(expression)
      #expect(!metrics.isEmpty, "\(expression)")
      var labels = Self.added
      for metric in metrics where metric.name != "up" {
        let known = try #require(printed[metric.name], "\(metric.name) is not printed: \(expression)")
        labels.formUnion(known.keys)
        for matcher in metric.matchers.matches(of: #/([a-z_]+)(=~|!~|!=|=)"([^"]*)"/#) {
          let name = String(matcher.1)
          let values = known[name]
          #expect(values != nil || Self.added.contains(name), "\(name) of \(metric.name): \(expression)")
          // Any route and status can come.
          if matcher.2 == "=", let values, !["route", "status"].contains(name) {
            #expect(values.contains(String(matcher.3)), "\(matcher.3) of \(metric.name): \(expression)")
          }
        }
      }
      #expect(Self.groups(expression).subtracting(labels).isEmpty, "\(expression)")
    }
  }

  @Test func textsOfTheDashboardHaveTheLabelsOfTheirLines() throws {
    for target in try Self.dashboard() {
      let named = Set(target.legendFormat.matches(of: #/\{\{(\w+)\}\}/#).map { String($0.1) })
      let groups = Self.groups(target.expr)
      // Without an aggregation every label is left.
      guard !groups.isEmpty || target.expr.contains(#/\b(sum|min|max|count)\(/#) else { continue }
      #expect(named.subtracting(groups).isEmpty, "\(target.expr): \(target.legendFormat)")
    }
  }

  @Test func everyMetricIsOnTheDashboardAndInTheManual() async throws {
    let printed = try await Self.printed()
    let shown = Set(try Self.dashboard().flatMap { Self.metrics($0.expr).map(\.name) })
    let manual = try Document("docs/operations/monitoring.md").text
    // The virtual size says little, and is in the manual only.
    for name in printed.keys where name != "process_virtual_memory_bytes" {
      let parts = ["_bucket", "_sum", "_count"].map { suffix in
        name.hasSuffix(suffix) ? "\(name.dropLast(suffix.count))_bucket" : name
      }
      #expect(shown.contains(name) || parts.contains(where: shown.contains), "\(name) is on no panel")
    }
    for family in Set(printed.keys.map { $0.replacing(#/_(bucket|sum|count)$/#, with: "") }) {
      // The manual shortens the second of two similar names.
      let short = family.replacing(#/^kittycash_(database_connections|cache)(?=_)/#, with: "…")
      #expect(manual.contains("`\(family)`") || manual.contains("`\(short)`"), "\(family)")
    }
  }

  /// An alert without a case in alerts.test.yml could never have fired.
  @Test func everyAlertHasACase() throws {
    let rules = try Document("etc/prometheus/alerts.yml").text
    let cases = try Document("etc/prometheus/alerts.test.yml").text
    let alerts = rules.matches(of: #/- alert: (\w+)/#).map { String($0.1) }
    #expect(alerts.count > 10)
    for alert in alerts { #expect(cases.contains("alertname: \(alert)\n        exp_alerts:\n"), "\(alert)") }
  }
}
